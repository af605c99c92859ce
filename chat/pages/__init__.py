"""The parts of the portal's chat pages."""
