from django.urls import path

from astro.customer_app import join_views, pages, views

app_name = "customer_app"
urlpatterns = [
    path("", pages.home, name="home"),
    path("account/", pages.account, name="account"),
    path("forgot/", views.forgot, name="forgot"),
    path("join/<str:token>/", join_views.join, name="join"),
    path("password/", pages.password, name="password"),
    path("pictures/<int:picture_id>/small.jpg", pages.picture, name="picture"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("stores/", pages.stores, name="stores"),
]
