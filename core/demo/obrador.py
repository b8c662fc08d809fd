"""Obrador Trabajo Temporal: an agency for temporary work in Spain."""

from __future__ import annotations

from core.contributions import Reach
from core.demo.content import DemoCustomer, DemoForwarding, DemoPerson, DemoRegistration, DemoTenant, address

OBRADOR = DemoTenant(
    name="Obrador Trabajo Temporal",
    portal_name="obrador",
    country="ES",
    zone="Europe/Madrid",
    languages=("es", "en", "fr", "pt"),
    tax_id="B86561412",
    answers={
        "messages.forwarding": True,
        "brand.accent": "#0b6e4f",
        "brand.phone": "+34 915 550 133",
        "brand.email": "portal@obrador.example",
        "brand.website": "https://www.obrador.example",
        "brand.address": "Calle del Olivar 12, 28012 Madrid",
        "portal.contact_email": "atencion@obrador.example",
        "accounts.first_sign_in": "temporary_password",
        "accounts.sign_in_link": True,
        "accounts.registration": True,
        "portal.banner": "El 8 de diciembre nuestra oficina permanece cerrada.",
        "people.invitation": "by_hand",
    },
    customers=(
        DemoCustomer(
            "Talleres Ferrán e Hijos, S.L.",
            "B58378431",
            "ES",
            "C-1001",
            ("Línea de montaje", "Almacén norte"),
            address("Polígono El Prat 7", "08820", "El Prat de Llobregat", "ES"),
        ),
        DemoCustomer(
            "Hostelería Bahía Azul, S.A.",
            "A08663619",
            "ES",
            "C-1002",
            ("Temporada de verano", "Cocina central"),
            address("Paseo Marítimo 41", "29016", "Málaga", "ES"),
        ),
    ),
    people=(
        DemoPerson(
            "Marta Ferrán Soler",
            "marta@ferran.example",
            "es",
            (("Talleres Ferrán e Hijos, S.L.", "manager", Reach.GROUP),),
            hint="manager of one customer: sees all of it, keeps its colleagues, registers and changes hours",
        ),
        DemoPerson(
            "Iker Landa",
            "iker@ferran.example",
            "es",
            (("Talleres Ferrán e Hijos, S.L.", "accounting", Reach.PROJECTS),),
            ("Línea de montaje",),
            hint="accounting, only for assigned projects",
        ),
        DemoPerson(
            "Núria Puig",
            "nuria@ferran.example",
            "es",
            (("Talleres Ferrán e Hijos, S.L.", "accounting", Reach.OWN),),
            hint="accounting, only what is addressed to her",
        ),
        DemoPerson(
            "Carlos Méndez",
            "carlos@bahiaazul.example",
            "es",
            (
                ("Hostelería Bahía Azul, S.A.", "manager", Reach.COMPANY),
                ("Talleres Ferrán e Hijos, S.L.", "viewer", Reach.COMPANY),
            ),
            hint="belongs to two customers: switch at the top right",
        ),
        DemoPerson(
            "Rosa Vidal",
            "rosa@bahiaazul.example",
            "es",
            (("Hostelería Bahía Azul, S.A.", "basic", Reach.PROJECTS),),
            ("Cocina central",),
            hint="the basic role: no invoices; a mail of Contábil lets her link",
        ),
        DemoPerson(
            "Lucía Prado Vega",
            "lucia@ferran.example",
            "es",
            (("Talleres Ferrán e Hijos, S.L.", "viewer", Reach.COMPANY),),
            state="address_book",
        ),
        DemoPerson(
            "Jordi Casals Mir",
            "jordi@ferran.example",
            "es",
            (("Talleres Ferrán e Hijos, S.L.", "basic", Reach.PROJECTS),),
            ("Almacén norte",),
            state="pending",
        ),
        DemoPerson(
            "Teresa Aguado",
            "teresa@bahiaazul.example",
            "es",
            (("Hostelería Bahía Azul, S.A.", "accounting", Reach.COMPANY),),
            state="invited",
        ),
        DemoPerson(
            "Andrés Molina",
            "andres@bahiaazul.example",
            "es",
            (("Hostelería Bahía Azul, S.A.", "viewer", Reach.COMPANY),),
            state="deactivated",
        ),
        DemoPerson(
            "Gloria Serrano",
            "gloria@bahiaazul.example",
            "es",
            (("Hostelería Bahía Azul, S.A.", "manager", Reach.COMPANY),),
            state="deleted",
        ),
        DemoPerson("Elena Obrador", "elena@obrador.example", "es", staff_role="administrator", hint="administrator"),
        DemoPerson("Pablo Ruiz", "pablo@obrador.example", "es", staff_role="clerk", hint="clerk: no preferences"),
    ),
    forwarding=DemoForwarding("marta@ferran.example", "gestoria@soler.example", "Para la contabilidad de este mes."),
    registrations=(
        DemoRegistration(
            email="ines@ferran.example",
            given_name="Inés",
            family_name="Soler Prat",
            company="Talleres Ferrán",
            phone="",
            message="",
            language="es",
        ),
    ),
)
