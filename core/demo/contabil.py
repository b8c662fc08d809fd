"""Contábil Ipê Assessoria: an accountant's office in Brazil."""

from __future__ import annotations

from core.contributions import Reach
from core.demo.content import DemoCustomer, DemoForwarding, DemoPerson, DemoRegistration, DemoTenant, address

CONTABIL = DemoTenant(
    name="Contábil Ipê Assessoria",
    portal_name="contabil",
    country="BR",
    zone="America/Sao_Paulo",
    languages=("pt", "pt_PT", "en", "es"),
    tax_id="11222333000181",
    answers={
        "messages.forwarding": True,
        "brand.accent": "#9a3412",
        "brand.phone": "+55 11 5550-0199",
        "brand.email": "portal@contabil.example",
        "brand.website": "https://www.contabil.example",
        "brand.address": "Rua dos Ipês 300, São Paulo – SP",
        "portal.contact_email": "atendimento@contabil.example",
        "people.contact_form": "wizard",
        "people.invitation": "ask",
        "people.required_fields": "onvio",
        "accounts.password_policy": "link",
        "accounts.reset_mode": "confirm_email",
        "accounts.registration": True,
    },
    customers=(
        DemoCustomer(
            "Padaria Três Irmãos Ltda.",
            "11444777000161",
            "BR",
            "P-31",
            ("Contabilidade 2026",),
            address("Rua Augusta 1500", "01304-001", "São Paulo", "BR"),
        ),
        DemoCustomer(
            "Clínica Boa Vista S.A.",
            "19131243000197",
            "BR",
            "P-32",
            ("Folha de pagamento", "Contabilidade 2026"),
            address("Av. Paulista 900", "01310-100", "São Paulo", "BR"),
        ),
    ),
    people=(
        DemoPerson(
            "João Batista Alves",
            "joao@tresirmaos.example",
            "pt",
            (("Padaria Três Irmãos Ltda.", "manager", Reach.COMPANY),),
            hint="manager of one customer, with colleagues",
        ),
        DemoPerson(
            "Sílvia Ramos",
            "silvia@tresirmaos.example",
            "pt",
            (("Padaria Três Irmãos Ltda.", "accounting", Reach.COMPANY),),
            hint="accounting of the same customer",
        ),
        DemoPerson(
            "Otávio Prado",
            "otavio@tresirmaos.example",
            "pt",
            (("Padaria Três Irmãos Ltda.", "viewer", Reach.COMPANY),),
            state="invited",
        ),
        DemoPerson(
            "Beatriz Nogueira",
            "beatriz@boavista.example",
            "pt",
            (("Clínica Boa Vista S.A.", "accounting", Reach.COMPANY),),
            hint="accounting",
        ),
        DemoPerson(
            "Sofia Carvalho",
            "sofia@boavista.example",
            "pt_PT",
            (("Clínica Boa Vista S.A.", "viewer", Reach.COMPANY),),
            hint="viewer, in European Portuguese",
        ),
        DemoPerson(
            "Rosa Vidal",
            "rosa@bahiaazul.example",
            "pt",
            (("Clínica Boa Vista S.A.", "manager", Reach.COMPANY),),
            state="invited",
        ),
        DemoPerson("Helena Ipê", "helena@contabil.example", "pt", staff_role="administrator", hint="administrator"),
    ),
    forwarding=DemoForwarding(
        "joao@tresirmaos.example", "financeiro@tresirmaos-matriz.example", "Para o pagamento de sexta-feira."
    ),
    registrations=(
        DemoRegistration(
            email="paula@tresirmaos.example",
            given_name="Paula",
            family_name="Teixeira",
            company="Padaria Três Irmãos",
            phone="+55 11 5550-0142",
            message="Cuido da folha de pagamento e preciso ver as guias.",
            language="pt",
        ),
    ),
)
