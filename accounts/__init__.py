"""The ground: who somebody is, what they may do, and what they did."""
