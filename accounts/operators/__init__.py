"""Parts of the operators' pages beyond lists and forms of rows (those are in each app's `admin`)."""
