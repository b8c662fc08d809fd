"""Which column holds what: by the words that programs and people put at the head of their lists."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.sdk import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

Mapping = MappingOf[str, str]
"""The name of the column for each field that has one."""

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "worker": ("user", "full name", "employee", "employee name", "worker", "person", "name", "staff", "resource",
               "trabajador", "empleado", "persona", "nombre", "nombre completo", "usuario", "salarie", "employe",
               "collaborateur", "intervenant", "nom", "trabalhador", "funcionario", "colaborador", "utilizador",
               "nome", "nome completo", "member", "team member", "miembro", "membre", "membro", "utilisateur",
               "benutzer", "mitarbeiter"),
    "first_name": ("first name", "given name", "nombre de pila", "prenom", "primeiro nome", "vorname"),
    "last_name": ("last name", "family name", "surname", "apellido", "apellidos", "nom de famille", "sobrenome",
                  "apelido", "ultimo nome", "nachname"),
    "email": ("email", "e-mail", "mail", "user email", "correo", "correo electronico", "courriel", "adresse e-mail"),
    "username": ("username", "user name", "login", "nombre de usuario", "nom d'utilisateur", "nome de usuario",
                 "benutzername"),
    "customer": ("client", "customer", "client name", "account customer", "company", "cliente", "empresa", "societe",
                 "entreprise", "kunde"),
    "customer_number": ("customer number", "client number", "customer no", "account number", "codigo de cliente",
                        "numero de cliente", "numero client", "code client", "numero do cliente", "kundennummer"),
    "project": ("project", "project name", "proyecto", "obra", "projet", "chantier", "projeto", "projecto", "projekt"),
    "project_number": ("project code", "project key", "project number", "project no", "codigo de proyecto",
                       "numero de proyecto", "code projet", "numero de projet", "codigo do projeto"),
    "task": ("task", "activity", "activity name", "service", "tarea", "actividad", "tache", "activite", "tarefa",
             "atividade", "actividade", "aufgabe", "tatigkeit", "job", "position", "puesto", "puesto de trabajo",
             "poste", "mission", "funcao", "vaga"),
    "issue": ("issue key", "issue", "ticket"),
    "issue_summary": ("issue summary", "summary"),
    "note": ("description", "notes", "note", "work description", "comment", "comments", "descripcion", "nota",
             "notas", "comentario", "commentaire", "remarque", "descricao", "observacoes", "observacao",
             "beschreibung"),
    "day": ("date", "day", "work date", "start date", "fecha", "dia", "fecha de inicio", "jour", "date de debut",
            "data", "data de inicio", "datum", "startdatum"),
    "start": ("start time", "start", "from", "begin", "started", "time in", "hora de inicio", "inicio", "entrada",
              "desde", "heure de debut", "debut", "de", "arrivee", "hora inicial", "das", "beginn", "startzeit",
              "von"),
    "end_day": ("end date", "stop date", "fecha de finalizacion", "data de termino", "enddatum", "fecha de fin",
                "fecha final", "date de fin", "data de fim", "data final"),
    "end": ("end time", "end", "to", "stop", "until", "ended", "time out", "hora de fin", "fin", "salida", "hasta",
            "heure de fin", "depart", "hora final", "fim", "saida", "ate", "a", "stop time", "hora de finalizacion",
            "hora de termino", "endzeit", "ende", "bis"),
    "break": ("break", "breaks", "pause", "break time", "break minutes", "descanso", "pausa", "pausas", "intervalo",
              "descanso minutos", "pause minutes"),
    "duration": ("duration", "duration (h)", "time", "time (h)", "time spent", "worked", "worked time", "duracion",
                 "tiempo", "duree", "temps", "duracao", "tempo", "duracion (h)", "duree (h)", "duracao (h)", "dauer",
                 "dauer (h)"),
    "hours": ("hours", "duration (decimal)", "duration (hours)", "duracion (decimal)", "duracao (decimal)",
              "hours worked", "decimal hours", "quantity", "horas", "heures", "horas trabajadas", "horas trabalhadas",
              "nombre d'heures", "duree (decimale)", "dauer (dezimal)", "stunden"),
    "seconds": ("seconds", "duration (seconds)", "duration in seconds", "time spent seconds", "segundos", "secondes"),
    "units": ("units", "unidades", "unites"),
    "kind": ("type of hours", "hour type", "kind", "concept", "tipo de hora", "tipo de horas", "concepto",
             "type d'heures", "type d'heure"),
    "rate": ("billable rate", "hourly rate", "rate", "tarifa", "tarifa por hora", "taux horaire", "tarif",
             "valor hora", "tarifa facturable", "taux facturable", "taxa faturavel"),
    "currency": ("currency", "moneda", "divisa", "devise", "moeda", "wahrung"),
    "external_id": ("id", "entry id", "external id", "worklog id", "tempo worklog id", "time entry id",
                    "external reference", "identificador", "identifiant"),
}  # fmt: skip
"""Words for each field, folded, in our languages and in German, as Kimai writes; the first match counts."""

BESIDES: Final = ("tags", "billable", "billable?", "approved?", "invoiced?", "exported", "etiquetas", "facturable")
"""What heads columns of such lists that nothing is read from."""

NEEDED: Final = ("worker", "first_name", "last_name", "email", "username")
"""One of these says who worked."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A list as one program writes it: recognised by columns that only it has together."""

    key: str
    label: str
    marks: frozenset[str]


LAYOUTS: Final = (
    Layout("clockify", "Clockify", frozenset({"duration (h)", "duration (decimal)", "start date"})),
    Layout("toggl", "Toggl Track", frozenset({"user", "start date", "start time", "duration", "billable"})),
    Layout("harvest", "Harvest", frozenset({"project code", "first name", "last name", "hours", "billable?"})),
    Layout("tempo", "Tempo", frozenset({"issue key", "hours", "work date"})),
    Layout("kimai", "Kimai", frozenset({"from", "to", "activity", "exported"})),
)
OTHER: Final = Layout("list", "", frozenset())


def word(text: str) -> str:
    """Fold the name of a column: no accents, no case, no decoration; what stands in brackets stays, a unit may do."""
    return " ".join(fold(text).replace("_", " ").replace("\ufeff", "").split()).strip(" *:.")


def layout_of(columns: Sequence[str]) -> Layout:
    """Return the program that wrote a list with these columns."""
    words = {word(name) for name in columns}
    return next((layout for layout in LAYOUTS if layout.marks <= words), OTHER)


def suggest(columns: Sequence[str]) -> dict[str, str]:
    """Return the column of each field that the names tell. No column serves two fields."""
    by_word: dict[str, str] = {}
    for column in columns:
        by_word.setdefault(word(column), column)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for field, words in FIELDS.items():
        name: str | None = next(
            (by_word[each] for each in words if each in by_word and by_word[each] not in taken), None
        )
        if name is None and field in {"rate", "hours"}:  # "Billable Rate (EUR)": the currency stands in the name
            name = next(
                (by_word[each] for each in by_word if each.partition(" (")[0] in words and by_word[each] not in taken),
                None,
            )
        if name is not None:
            found[field] = name
            taken.add(name)
    return found


def currency_in(name: str) -> str:
    """Return the currency that a column's name carries, as in "Billable Rate (EUR)"; empty where it carries none."""
    inside = name.rpartition("(")[2].rstrip(") ")
    return inside if len(inside) == 3 and inside.isalpha() and inside.isupper() else ""


def signature(columns: Sequence[str]) -> str:
    """Return what tells one kind of list from another, so that its mapping is found again."""
    return hashlib.sha256("\x1f".join(word(name) for name in columns).encode()).hexdigest()
