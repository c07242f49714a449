"""Static files in production: compressed, and named by what is in them, so that browsers keep them for good."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Modules that modules import are named so too; else the till would ask for each of them every minute."""

    support_js_module_import_aggregation = True
