"""What a cell or a name must not hold of a person: tax codes, phones, addresses. Never repeated."""

from __future__ import annotations

import re
from pathlib import Path

from needs_analysis.reading.text import plain

TAX_CODE = "tax_code"
E_MAIL = "e_mail"
IBAN = "iban"
PHONE = "phone"
ADDRESS = "address"
BIRTH = "birth"
NAME = "name"

TAX_CODE_BEGINNING = r"[A-Z]{3}\s?[A-Z]{3}\s?[0-9LMNP-V]{2}[ABCDEHLMPRST]"
"""Surname, name, year and month of birth; letters stand for digits where two would share a code."""
TAX_CODE_FORM = rf"{TAX_CODE_BEGINNING}[0-9LMNP-V]{{2}}\s?[A-Z][0-9LMNP-V]{{3}}\s?[A-Z]"
"""The one form of the code of a person, whatever its capitals; Arrow reads it too."""
_TAX_CODE = re.compile(rf"(?<![A-Z0-9]){TAX_CODE_FORM}(?![A-Z0-9])", re.IGNORECASE)
_IN_A_NAME = re.compile(TAX_CODE_FORM, re.IGNORECASE)
"""Names of files and addresses run words together."""
_E_MAIL = re.compile(r"[^\s@;,]+@[^\s@;,]+\.[A-Za-z]{2,}")
_IBAN = re.compile(
    r"(?<![A-Z0-9])[A-Z]{2}\d{2}\s?[A-Z]\s?(?:\d\s?){10}[0-9A-Z\s]{12,}", re.IGNORECASE
)
_GAP = r"[\s./-]?"
_MOBILE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?:\+|00)39{_GAP})?3[2-9]\d(?:{_GAP}\d){{6,7}}(?![0-9A-Za-z])"
)
_ABROAD = re.compile(rf"(?<![0-9A-Za-z])(?:\+|00)[1-9]\d{{0,2}}(?:{_GAP}\d){{6,12}}(?!\d)")
# A date has separators and digits like a number of the fixed net.
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z])(?!\d{1,2}([./-])\d{1,2}\1\d{2,4}(?!\d))"
    r"0\d{1,3}[\s./-]\d(?:[\s./-]?\d){4,7}(?![0-9A-Za-z])"
)
_SPOKEN = re.compile(
    r"\b(?:tel|telefono|cell|cellulare)\b\.?:?\s*\+?\d[\d\s./-]{5,}", re.IGNORECASE
)
_STREET = r"(?:via|viale|v\.le|piazza|p\.za|p\.zza|piazzale|corso|c\.so|vicolo|largo|contrada)"
_ADDRESS = re.compile(
    rf"\b(?i:{_STREET})\s+(?:[A-ZÀ-Ý][\w'’.]+"
    r"|[\w'’. ]{2,40}?[ ,]+(?:n\.?\s?)?\d{1,3}(?:/\w)?(?!\w))"
)
_TITLED = re.compile(
    r"\b(?i:sig|sig\.ra|sig\.na|signor[ae]?|signorina|dott|dott\.ssa|dottoressa|avv)\b\.?\s+[A-ZÀ-Ý][\w'’]+"
)
_BIRTH = re.compile(r"\bnat[oa]\s+(?:a|ad|il|nel)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PATTERNS = (
    (_TAX_CODE, TAX_CODE), (_E_MAIL, E_MAIL), (_IBAN, IBAN), (_MOBILE, PHONE), (_ABROAD, PHONE),
    (_SPOKEN, PHONE),
)  # fmt: skip
_IN_WORDS = ((_LANDLINE, PHONE), (_ADDRESS, ADDRESS), (_BIRTH, BIRTH), (_TITLED, NAME))

_HEADERS = {
    "nome", "nomi", "nominativo", "cognome", "cognomi", "codice fiscale", "cod fiscale", "cf",
    "telefono", "tel", "cellulare", "cell", "recapito", "recapiti", "email", "e mail", "mail", "pec",
    "indirizzo", "residenza", "domicilio", "data di nascita", "data nascita", "nascita", "nato il",
    "nata il", "luogo di nascita", "luogo nascita", "iban", "passaporto", "carta d identita",
    "documento", "tessera sanitaria", "name", "first name", "last name", "firstname", "lastname",
    "middlename", "surname", "phone", "address", "ssn", "dob", "date of birth", "tax code",
}  # fmt: skip
_HEADER_WORDS = {"cognome", "nominativo", "fiscale", "telefono", "cellulare", "nascita", "iban"}

# A word before a first name that makes it the name of a place or a body.
_BODIES = frozenset(
    """
    casa casetta comunita associazione cooperativa coop fondazione comune san santa santo sant
    parrocchia centro villa rete cascina istituto opera ente consorzio servizio servizi ufficio
    ambito azienda caritas suore borgo monte villaggio condominio residenza progetto scuola
    ospedale clinica gruppo societa provincia regione unita
    """.split()  # noqa: SIM905
)
# Sesto San Giovanni is no person.
_SAINTS = frozenset({"san", "santa", "santo", "sant"})
# First names frequent among residents in Italy, of any origin (ISTAT, names of the newborn and of
# residents by citizenship); common nouns and adjectives are left out.
_FIRST_NAMES = frozenset(
    """
    abdel abdou abdul abdullah ada adam adama adele adriana adriano agata agnese agostino ahmad
    ahmed aicha aisha alberto aldo alessandra alessandro alessia alessio alex alexandra alexandru
    alfonso alfredo ali alice alina alioune amadou amalia amelia amina amir ana anastasia andrea
    andreea andrei angela angelica angelo anita anna annalisa annamaria antonella antonia
    antonietta antonino antonio arianna arturo assunta aurelio barbara beatrice benedetta bernardo
    blessing bruna bruno camilla carla carlo carlotta carmela carmelo carmen carolina caterina
    catherine cecilia cesare cheikh chiara christian cinzia ciro claudia claudio clelia concetta
    corrado cosimo costantino cristian cristiana cristiano cristina daniela daniele dario davide
    debora deborah denise diana diego domenica domenico donatella donato edoardo elena eleonora
    elia eliana elio elisa elisabetta emanuela emanuele emilia emilio emma enrica enrico enzo
    ernesto erica erika ester eugenia eugenio eva evelina fabiana fabio fabiola fabrizio fatima
    fatma fatou federica federico ferdinando fernando filippo fiorella flavia flavio florin
    francesca francesco franca gabriela gabriele gabriella gaetano gaia gennaro gerardo ghita
    giacomo giada gianluca gianni gianpaolo gilda gina ginevra gino giorgia giorgio giovanna
    giovanni giulia giuliana giuliano giulio giuseppa giuseppe giuseppina giusy graziella grazyna
    greta guido gustavo hamza hanna hassan hassna houda hussein ibrahim ibrahima igor ilaria ines
    ioan ioana irene irina isabella iulia ivan ivana ivano jamal jessica jonathan jose joseph joy
    juan karim katia kevin khadija khalid lamine lara laura leila leonardo lidia liliana lina
    linda lisa livia lorena lorenza lorenzo loredana luca lucia luciana luciano ludovica luigi
    luigia luis luisa maddalena mamadou manuel manuela mara marcella marcello marco margherita
    maria mariam mariana marianna mariangela marilena mario marisa marta martina massimiliano
    massimo matilde matteo mattia maurizio mauro maxim melissa mercy michela michele mihaela mihai
    milena mirella miriam mirko mohamed mohammad mohammed monica moussa mouhamed mustafa nadia
    natalia natalina nicola nicole nicoletta nicolo noemi nunzia olena olga omar orazio oriana
    ornella osama osman ottavio ousmane pamela paola paolo pasquale patrizia patrizio piero
    pierluigi pietro raffaela raffaele raffaella rahma ramona raul rebecca renata renato riccardo
    rita roberta roberto rocco rodolfo romina rosalba rosalia rosanna rosaria rosario rossana
    rossella ruggero sabrina salvatore samira samuel samuele sandra sandro santina sara sebastiano
    sergio silvana silvano silvia simona simone sofia sonia stefania stefano susanna svetlana
    tatiana teresa tiziana tiziano tommaso ugo umberto valentina valentino valeria valerio vanessa
    vasile veronica vincenza vincenzo virginia vito vittoria vittorio viviana walter yasmine
    youssef yusuf zahra zineb
    """.split()  # noqa: SIM905
)


def found_in(value: str, *, words: bool = True) -> str:
    """Return what personal a cell seems to hold, by a code; "" if nothing.

    Parameters
    ----------
    value : str
        The cell.
    words : bool
        Whether the column holds free words; a code's digits alone are not taken for a phone number
        with an area code, nor for a street number.

    Examples
    --------
    >>> found_in("RSSMRA80A01F205X"), found_in("attesa di un alloggio pubblico")
    ('tax_code', '')
    """
    for pattern, what in _PATTERNS + (_IN_WORDS if words else ()):
        if pattern.search(value):
            return what
    return NAME if _names_somebody(value) else ""


def _names_somebody(value: str) -> bool:
    """Whether two or three words are a name, or a first name stands beside a capitalised word."""
    found = _WORD.findall(value)
    known = [
        plain(one) in _FIRST_NAMES and not (at and plain(found[at - 1]) in _SAINTS)
        for at, one in enumerate(found)
    ]
    if not any(known) or plain(found[0]) in _BODIES:
        return False
    alone = len(found) <= 3 and not re.search(r"\d", value)
    if alone:
        return True
    for at, first in enumerate(known):
        if not first or not found[at][0].isupper():
            continue
        if at and plain(found[at - 1]) in _BODIES:
            continue
        beside = found[max(at - 1, 0) : at] + found[at + 1 : at + 2]
        if any(one[0].isupper() and len(one) > 1 for one in beside):
            return True
    return False


def asked_by(header: str) -> bool:
    """Whether a column's header asks for what identifies a person.

    Examples
    --------
    >>> asked_by("Cognome e nome"), asked_by("retta giornaliera")
    (True, False)
    """
    asked = plain(header)
    return asked in _HEADERS or bool(_HEADER_WORDS & set(asked.split()))


def safe_name(path: Path) -> Path:
    """Return the path as it may be printed: names that hold a tax code are replaced.

    Examples
    --------
    >>> safe_name(Path("QI_1_RSSMRA80A01F205X.zip")).name
    'OMI VALORI'
    >>> safe_name(Path("redditi_2021.csv")).name
    'redditi_2021.csv'
    """
    if _of_a_person(path.name):
        return Path("OMI VALORI")
    return Path(path.name) if any(map(_of_a_person, path.parts[:-1])) else path


def _of_a_person(name: str) -> bool:
    return name.upper().startswith(("QI_", "QIP_")) or bool(_IN_A_NAME.search(name))


def without_tax_codes(text: str) -> str:
    """Return an address without the tax codes in it.

    Examples
    --------
    >>> without_tax_codes("/QI_1_RSSMRA80A01F205X.zip"), without_tax_codes("/rssmraulamlfnlrx")
    ('/QI_1_***.zip', '/***')
    """
    return _IN_A_NAME.sub("***", text)
