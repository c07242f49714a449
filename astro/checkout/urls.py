from django.urls import path

from astro.checkout import presence_views, views

app_name = "checkout"
urlpatterns = [
    path("", views.look_up, name="look_up"),
    path("catalogue.json", views.show_catalogue, name="catalogue"),
    path("day/", views.show_day, name="day"),
    path("refused/", views.show_refused, name="refused"),
    path("refused/<int:refused_id>/settlements/", views.settle, name="settle"),
    path("<int:customer_id>/", views.till, name="till"),
    path("<int:customer_id>/preview/", views.preview, name="preview"),
    path("<int:customer_id>/visits/", views.create_visit, name="visits"),
    path("<int:customer_id>/here/", presence_views.here, name="here"),
]
