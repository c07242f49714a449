from django.urls import path

from astro.programs import enrollment_views, practice_views, suggested_views, views
from astro.programs.enrolling import views as enrolling
from astro.programs.own import views as own_views

app_name = "programs"
urlpatterns = [
    path("", views.available, name="list"),
    path("export/", views.export, name="export"),
    path("suggested/", suggested_views.suggested, name="suggested"),
    path("practice/", practice_views.practice, name="practice"),
    path("enrolled/", views.enrolled, name="enrolled"),
    path("by-location/", views.by_location, name="grid"),
    path("by-location/enrolling/", enrolling.cells, name="enrolling"),
    path("by-location/enrolling/undo/", enrolling.undo, name="enrolling_undo"),
    path("own/", own_views.own, name="own"),
    path("own/new/", own_views.new, name="own_new"),
    path("own/<int:program_id>/", own_views.change, name="own_change"),
    path("own/<int:program_id>/picture/", own_views.picture, name="own_picture"),
    path("own/pictures/<int:picture_id>/small.jpg", own_views.shown_picture, {"size": "small"}, name="small_picture"),
    path("own/pictures/<int:picture_id>/card.jpg", own_views.shown_picture, {"size": "large"}, name="picture"),
    path("own/<int:program_id>/rule/", own_views.rule, name="own_rule"),
    path("own/<int:program_id>/end/", own_views.end, name="own_end"),
    path("<int:program_id>/", views.program, name="detail"),
    path("<int:program_id>/products/", views.products_export, name="products_export"),
    path("<int:program_id>/barcodes/", views.barcodes, name="barcodes"),
    path("<int:program_id>/enroll/", enrollment_views.enroll, name="enroll"),
    path("applications/<int:application_id>/withdrawal/", enrollment_views.withdrawal, name="application_withdrawal"),
    path("enrollments/undo/", enrollment_views.undo, name="undo"),
    path("enrollments/<int:enrollment_id>/unenroll/", enrollment_views.unenroll, name="unenroll"),
    path("enrollments/<int:enrollment_id>/stay/", enrollment_views.stay, name="stay"),
    path("enrollments/<int:enrollment_id>/distributor/", enrollment_views.distributor, name="distributor"),
]
