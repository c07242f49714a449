from django.urls import path

from astro.accounts import device_views, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/work/", views.choose_work, name="choose_work"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("location/", views.switch_location, name="switch_location"),
    path("devices/", device_views.devices, name="devices"),
    path("devices/<int:device_id>/retirements/", device_views.retirements, name="retirements"),
]
