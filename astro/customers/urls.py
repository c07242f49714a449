from django.urls import path

from astro.customers import views

app_name = "customers"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("export/", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("lookalikes/", views.show_lookalikes, name="lookalikes"),
    path("<int:customer_id>/", views.detail, name="detail"),
    path("<int:customer_id>/edit/", views.edit, name="edit"),
]
