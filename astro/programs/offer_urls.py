from django.urls import path

from astro.programs import offer_views

app_name = "offers"
urlpatterns = [
    path("", offer_views.available, name="list"),
    path("enrolled/", offer_views.enrolled, name="enrolled"),
    path("by-location/", offer_views.by_location, name="grid"),
]
