"""Static files under names that carry their content's hash, imports between ES modules included."""

import re

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache

_HASHED = re.compile(r"^(?P<name>.+)\.[0-9a-f]{12}(?P<ending>(\.\w+)?)$")


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Rewrites `import` paths too, so that a changed module is never mixed with a cached old one."""

    support_js_module_import_aggregation = True


@never_cache
def of_another_version(_: HttpRequest, path: str) -> HttpResponse:
    """Send a page of another version to this version's file of the same name: during an upgrade, both versions are asked."""
    found = _HASHED.match(path)
    name = f"{found['name']}{found['ending']}" if found else ""
    if not name or not staticfiles_storage.hashed_files.get(name):  # type: ignore[attr-defined]  # the storage above
        raise Http404
    return HttpResponseRedirect(staticfiles_storage.url(name))
