from django.urls import path

from astro.programs import offer_views
from astro.programs.automatic import views as automatic

app_name = "offers"
urlpatterns = [
    path("", offer_views.available, name="list"),
    path("enrolled/", offer_views.enrolled, name="enrolled"),
    path("by-location/", offer_views.by_location, name="grid"),
    path("export/", offer_views.export, name="export"),
    path("auto-enrollment/", automatic.brands, name="auto"),
    path("auto-enrollment/export/", automatic.export, name="auto_export"),
    path("auto-enrollment/<int:brand_id>/", automatic.brand, name="auto_brand"),
    path("auto-enrollment/<int:brand_id>/stop/", automatic.stop, name="auto_stop"),
    path("auto-enrollment/offers/<int:program_id>/leave/", automatic.leave, name="auto_leave"),
]
