"""The look of the operators' pages (Django's admin): site, sidebar, dashboard, formats."""
