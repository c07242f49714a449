"""Every address of this installation."""

from django.urls import include, path

from astro.desk import health

handler500 = "astro.kit.outage.broke"

urlpatterns = [
    path("", include("astro.accounts.urls")),
    path("", include("astro.accounts.second_step.urls")),
    path("", include("astro.desk.urls")),
    path("backoffice/", include("astro.backoffice.urls")),
    path("app/", include("astro.customer_app.urls")),
    path("checkout/", include("astro.checkout.urls")),
    path("customers/upload/", include("astro.importer.urls")),
    path("customers/", include("astro.customers.urls")),
    path("programs/", include("astro.programs.urls")),
    path("offers/", include("astro.programs.offer_urls")),
    path("", include("astro.messaging.urls")),
    path("", include("astro.support.urls")),
    path("", include("astro.billing.urls")),
    path("live", health.live, name="live"),
    path("ready", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
