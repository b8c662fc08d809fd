"""Lumière Traductions: a translation agency in France."""

from __future__ import annotations

from core.contributions import Reach
from core.demo.content import DemoCustomer, DemoForwarding, DemoPerson, DemoRegistration, DemoTenant, address

LUMIERE = DemoTenant(
    name="Lumière Traductions",
    portal_name="lumiere",
    country="FR",
    zone="Europe/Paris",
    languages=("fr", "en", "es"),
    tax_id="FR40303265045",
    answers={
        "messages.forwarding": True,
        "brand.accent": "#5b3fa8",
        "brand.phone": "+33 1 99 00 12 34",
        "brand.email": "bonjour@lumiere.example",
        "brand.website": "https://www.lumiere.example",
        "brand.address": "8 rue des Lilas, 75011 Paris",
        "portal.contact_email": "clients@lumiere.example",
        "people.required_fields": "memoq",
        "people.invitation": "on_save",
        "accounts.password_policy": "memoq",
        "accounts.sign_in_link": True,
        "accounts.registration": True,
    },
    customers=(
        DemoCustomer(
            "Éditions du Vieux Port",
            "FR23334175221",
            "FR",
            "L-204",
            ("Collection jeunesse", "Catalogue 2027"),
            address("15 quai de Rive-Neuve", "13007", "Marseille", "FR"),
        ),
        DemoCustomer(
            "Savonnerie Mistral SAS",
            "FR83404833048",
            "FR",
            "L-205",
            ("Étiquettes export",),
            address("3 chemin des Oliviers", "84000", "Avignon", "FR"),
        ),
    ),
    people=(
        DemoPerson(
            "Camille Roux",
            "camille@vieuxport.example",
            "fr",
            (("Éditions du Vieux Port", "manager", Reach.COMPANY),),
            hint="manager of one customer",
        ),
        DemoPerson(
            "Hugo Lefèvre",
            "hugo@vieuxport.example",
            "fr",
            (("Éditions du Vieux Port", "observer", Reach.COMPANY),),
            hint="observer: a role without hours and invoices",
        ),
        DemoPerson(
            "Inès Moreau",
            "ines@mistral.example",
            "fr",
            (("Savonnerie Mistral SAS", "requester", Reach.PROJECTS),),
            ("Étiquettes export",),
            hint="requester: a role without hours and invoices",
        ),
        DemoPerson(
            "Carlos Méndez",
            "carlos@bahiaazul.example",
            "es",
            (("Savonnerie Mistral SAS", "manager", Reach.COMPANY),),
            hint="the same person and password as at Obrador",
        ),
        DemoPerson("Luc Lumière", "luc@lumiere.example", "fr", staff_role="administrator", hint="administrator"),
    ),
    forwarding=DemoForwarding(
        "camille@vieuxport.example", "comptabilite@cabinet-riviere.example", "Pour votre dossier, comme convenu."
    ),
    registrations=(
        DemoRegistration(
            email="claire@vieuxport.example",
            given_name="Claire",
            family_name="Fontaine",
            company="Éditions du Vieux-Port",
            phone="+33 1 99 00 45 67",
            message="Je remplace Hugo Lefèvre à partir de lundi et j’aurais besoin d’un accès à nos factures.",
            language="fr",
        ),
    ),
)
