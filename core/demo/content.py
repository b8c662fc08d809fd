"""Who is in the demo. The companies and people are made up."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.contributions import Reach


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A contact or member of the staff; `places` are customer names with role and reach."""

    name: str
    email: str
    language: str
    places: tuple[tuple[str, str, Reach], ...] = ()
    projects: tuple[str, ...] = ()
    staff_role: str | None = None
    hint: str = ""
    state: str = "active"
    """How far she is on the way in: active, or address_book, pending, invited, deactivated, deleted."""


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer with its projects."""

    name: str
    tax_id: str
    country: str
    number: str
    projects: tuple[str, ...]
    address: dict[str, object] = field(default_factory=dict)
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class DemoRegistration:
    """Somebody who asks for access and waits for a decision."""

    email: str
    given_name: str
    family_name: str
    company: str
    phone: str
    message: str
    language: str


@dataclass(frozen=True, slots=True)
class DemoForwarding:
    """A document that a contact (by e-mail) forwards to somebody whom the portal does not know."""

    by: str
    to: str
    message: str


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """A service company with its customers and people."""

    name: str
    portal_name: str
    country: str
    zone: str
    languages: tuple[str, ...]
    tax_id: str
    answers: dict[str, object]
    customers: tuple[DemoCustomer, ...]
    people: tuple[DemoPerson, ...]
    registrations: tuple[DemoRegistration, ...] = ()
    forwarding: DemoForwarding | None = None


def _address(line: str, postal_code: str, city: str, country: str) -> dict[str, object]:
    return {"lines": [line], "postal_code": postal_code, "city": city, "country": country}


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
            _address("Polígono El Prat 7", "08820", "El Prat de Llobregat", "ES"),
        ),
        DemoCustomer(
            "Hostelería Bahía Azul, S.A.",
            "A08663619",
            "ES",
            "C-1002",
            ("Temporada de verano", "Cocina central"),
            _address("Paseo Marítimo 41", "29016", "Málaga", "ES"),
        ),
    ),
    people=(
        DemoPerson(
            "Marta Ferrán Soler",
            "marta@ferran.example",
            "es",
            (("Talleres Ferrán e Hijos, S.L.", "manager", Reach.GROUP),),
            hint="manager of one customer: sees all of it, keeps its colleagues",
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
            _address("15 quai de Rive-Neuve", "13007", "Marseille", "FR"),
        ),
        DemoCustomer(
            "Savonnerie Mistral SAS",
            "FR83404833048",
            "FR",
            "L-205",
            ("Étiquettes export",),
            _address("3 chemin des Oliviers", "84000", "Avignon", "FR"),
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
            _address("Rua Augusta 1500", "01304-001", "São Paulo", "BR"),
        ),
        DemoCustomer(
            "Clínica Boa Vista S.A.",
            "19131243000197",
            "BR",
            "P-32",
            ("Folha de pagamento", "Contabilidade 2026"),
            _address("Av. Paulista 900", "01310-100", "São Paulo", "BR"),
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

TENANTS = (OBRADOR, LUMIERE, CONTABIL)
