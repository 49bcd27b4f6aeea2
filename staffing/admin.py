"""Back-office entries of the staffing floor: tables that the operator may mend by hand."""

from django.contrib import admin

from staffing.models import Holiday, OfficeWeek, WorkPattern


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    """Days are also decreed at short notice; the pages show them at once."""

    list_display = ["on", "name"]
    date_hierarchy = "on"
    search_fields = ["name"]


@admin.register(OfficeWeek)
class OfficeWeekAdmin(admin.ModelAdmin):
    list_display = ["dong", "valid_from", "valid_to"]
    list_filter = ["dong"]
    list_select_related = ["dong"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(WorkPattern)
class WorkPatternAdmin(OfficeWeekAdmin):
    list_display = ["user", "valid_from", "valid_to", "note"]
    list_filter = []
    list_select_related = ["user"]
