"""The operators' pages: what they have beyond lists and forms of rows (those are in each app's `admin`)."""
