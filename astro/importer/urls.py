from django.urls import path

from astro.importer import views

app_name = "importer"
urlpatterns = [
    path("", views.uploads, name="uploads"),
    path("new/", views.new, name="new"),
    path("template/", views.template, name="template"),
    path("<int:upload_id>/", views.upload, name="upload"),
    path("<int:upload_id>/columns/", views.columns, name="columns"),
    path("<int:upload_id>/runs/", views.runs, name="runs"),
    path("<int:upload_id>/stops/", views.stops, name="stops"),
    path("<int:upload_id>/undos/", views.undos, name="undos"),
    path("<int:upload_id>/rows-to-fix/", views.to_fix, name="to_fix"),
]
