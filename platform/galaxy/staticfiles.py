"""Static files under names that carry their content's hash, imports between ES modules included."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Rewrites `import` paths too, so that a changed module is never mixed with a cached old one."""

    support_js_module_import_aggregation = True
