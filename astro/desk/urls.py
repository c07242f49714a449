from django.urls import path

from astro.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.show_help, name="help"),
]
