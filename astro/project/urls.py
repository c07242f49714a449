"""Every address of this installation."""

from django.urls import include, path

from astro.desk import health

urlpatterns = [
    path("", include("astro.accounts.urls")),
    path("", include("astro.desk.urls")),
    path("checkout/", include("astro.checkout.urls")),
    path("customers/", include("astro.customers.urls")),
    path("programs/", include("astro.programs.urls")),
    path("live", health.live, name="live"),
    path("ready", health.ready, name="ready"),
]
