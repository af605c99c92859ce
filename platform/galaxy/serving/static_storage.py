"""Static files under names with a hash of their content, including imports between ES modules."""

import re

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache

_HASHED = re.compile(r"^(?P<name>.+)\.[0-9a-f]{12}(?P<ending>(\.\w+)?)$")


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Rewrites `import` paths, too, so that a changed module is never mixed with a cached old one."""

    support_js_module_import_aggregation = True


@never_cache
def of_another_version(_: HttpRequest, path: str) -> HttpResponse:
    """Redirect a page of another version to this version's file: during an upgrade, both versions receive requests."""
    found = _HASHED.match(path)
    name = f"{found['name']}{found['ending']}" if found else ""
    if not name or not staticfiles_storage.hashed_files.get(name):  # type: ignore[attr-defined]  # the storage above
        raise Http404
    return HttpResponseRedirect(staticfiles_storage.url(name))
