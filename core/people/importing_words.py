"""The words by which lists of people name their columns and how far rights go."""

from __future__ import annotations

from core.contributions import Reach

HEADERS: dict[str, tuple[str, ...]] = {
    "name": (
        "full name",
        "contact",
        "nombre completo",
        "nombre y apellidos",
        "contacto",
        "nom complet",
        "nome completo",
        "contato",
    ),
    "given_name": ("given", "first name", "given name", "nombre", "prénom", "primeiro nome", "nome"),
    "family_name": (
        "family",
        "last name",
        "surname",
        "family name",
        "apellido",
        "apellidos",
        "nom",
        "nom de famille",
        "sobrenome",
        "apelido",
    ),
    "email": (
        "e-mail",
        "mail",
        "e-mail address",
        "correo",
        "correo electrónico",
        "courriel",
        "adresse e-mail",
        "endereço de e-mail",
    ),
    "customer": ("company", "client", "customer name", "cliente", "empresa", "entreprise", "société"),
    "customer_number": (
        "customer no",
        "client number",
        "número de cliente",
        "nº cliente",
        "numéro de client",
        "n° client",
        "número do cliente",
    ),
    "tax_id": (
        "tax number",
        "vat number",
        "nif",
        "cif",
        "nif/cif",
        "numéro de tva",
        "siren",
        "siret",
        "tva",
        "cnpj",
        "cpf",
        "nipc",
    ),
    "role": ("rol", "rôle", "papel", "perfil", "profil", "profile"),
    "reach": ("scope", "alcance", "portée", "âmbito", "abrangência"),
    "phone": ("telephone", "teléfono", "téléphone", "telefone"),
    "mobile": ("cell phone", "móvil", "portable", "mobile", "celular", "telemóvel"),
    "other_contact": ("other", "other contact", "otro contacto", "autre contact", "outro contato", "outro contacto"),
    "language": ("idioma", "langue", "língua"),
    "projects": ("project", "proyecto", "proyectos", "projet", "projets", "projeto", "projetos"),
}
TEMPLATE = ("given_name", "family_name", "email", "phone", "mobile", "customer", "role", "reach", "language")
"""The columns of the list that staff downloads to fill in."""
TEMPLATE_WORDS: dict[str, tuple[str, ...]] = {
    "en": ("First name", "Last name", "E-mail", "Telephone", "Mobile", "Customer", "Role", "Reach", "Language"),
    "es": ("Nombre", "Apellidos", "Correo electrónico", "Teléfono", "Móvil", "Cliente", "Rol", "Alcance", "Idioma"),
    "fr": ("Prénom", "Nom", "Adresse e-mail", "Téléphone", "Portable", "Client", "Rôle", "Portée", "Langue"),
    "pt": ("Nome", "Sobrenome", "E-mail", "Telefone", "Celular", "Cliente", "Perfil", "Alcance", "Idioma"),
    "pt_PT": ("Nome", "Apelido", "E-mail", "Telefone", "Telemóvel", "Cliente", "Perfil", "Âmbito", "Língua"),
}
"""Their headings in each language; a test reads them back by the words above."""
TEMPLATE_REACHES: dict[str, tuple[str, ...]] = {
    "en": ("own", "projects", "company", "group"),
    "es": ("propios", "proyectos", "empresa", "grupo"),
    "fr": ("propre", "projets", "entreprise", "groupe"),
    "pt": ("próprio", "projetos", "empresa", "grupo"),
    "pt_PT": ("próprio", "projetos", "empresa", "grupo"),
}
"""What is chosen from in the column of reaches."""

_REACHES: dict[Reach, str] = {
    Reach.OWN: "own propio propios propia propre soi proprio propria",
    Reach.PROJECTS: "projects project proyectos proyecto projets projet projetos projeto",
    Reach.COMPANY: "company empresa entreprise societe",
    Reach.GROUP: "group grupo groupe",
}
REACH_WORDS = {word: reach for reach, words in _REACHES.items() for word in words.split()}
