"""Back-office entries: what was imported, and the remembered columns. Lists come in by the import pages."""

from django.contrib import admin
from django.shortcuts import redirect
from import_export.admin import ImportMixin

from planners.models import ColumnMapping, ImportBatch
from planners.resources import declared


@admin.register(ImportBatch)
class ImportBatchAdmin(ImportMixin, admin.ModelAdmin):
    """Batches to look at; importing leads to the pages that preview and undo."""

    list_display = ["uploaded_at", "file_name", "kind", "state", "by", "applied_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["by"]
    show_full_result_count = False
    actions = None

    def get_import_resource_classes(self, request):
        """Every kind of list, of every floor."""
        return list(declared().values())

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_import_permission(self, request):
        return request.scope.allows("import", "W")

    def import_action(self, request, *args, **kwargs):
        """The library's own action would read the file in the request, twice."""
        return redirect("imports")


@admin.register(ColumnMapping)
class ColumnMappingAdmin(admin.ModelAdmin):
    """Remembered columns; deleting one makes the importer guess again."""

    list_display = ["kind", "fingerprint", "by", "at"]
    list_filter = ["kind"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
