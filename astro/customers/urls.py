from django.urls import path

from astro.customers import (
    kind_views,
    list_views,
    merge_views,
    new_views,
    popup_views,
    retire_views,
    rules_views,
    tag_views,
    told_views,
)

app_name = "customers"
urlpatterns = [
    path("", list_views.show_list, name="list"),
    path("export/", list_views.export, name="export"),
    path("pets/export/", list_views.export_pets, name="export_pets"),
    path("taggings/", list_views.tag_chosen, name="tag_many"),
    path("tags/", tag_views.tags, name="tags"),
    path("tags/<int:tag_id>/", tag_views.tag, name="tag"),
    path("tags/<int:tag_id>/archive/", tag_views.archive, name="archive_tag"),
    path("tags/<int:tag_id>/restore/", tag_views.restore, name="restore_tag"),
    path("new/", new_views.new, name="new"),
    path("lookalikes/", new_views.show_lookalikes, name="lookalikes"),
    path("<int:customer_id>/more/", new_views.more, name="more"),
    path("settings/", rules_views.settings, name="settings"),
    path("<int:customer_id>/remove/", retire_views.retire, name="retire"),
    path("<int:customer_id>/restore/", retire_views.restore, name="restore"),
    path("<int:customer_id>/edit/", popup_views.edit, name="edit"),
    path("<int:customer_id>/popup/", popup_views.popup, name="popup"),
    path("<int:customer_id>/ask/<str:channel>/", popup_views.ask, name="ask"),
    path("<int:customer_id>/stop/<str:channel>/", popup_views.stop_channel, name="stop"),
    path("<int:customer_id>/kind/<str:kind>/", kind_views.convert, name="convert"),
    path("doubles/", merge_views.show_doubles, name="doubles"),
    path("doubles/<int:double_id>/two-people/", merge_views.create_dismissal, name="two_people"),
    path("merges/new/", merge_views.merge, name="merge"),
    path("merges/<int:merge_id>/", merge_views.split, name="split"),
    path("<int:customer_id>/data/", told_views.told, name="told"),
    path("<int:customer_id>/erasure/", told_views.erase, name="erase"),
    path("<int:customer_id>/erasure/undo/", told_views.undo_erase, name="undo_erase"),
]
