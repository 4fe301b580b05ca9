#!/usr/bin/env bash
# Babel 2.19.0 gives Italian three plural forms (one, many, other), as CLDR has them; gettext's Italian has
# two. A catalogue with two forms and no Plural-Forms header is read without a word, its messages pass
# `Message.check`, and `pybabel compile --statistics` calls it 100 % translated; yet every count but 1 and
# the round millions falls through to the untranslated text. A guess would be two forms, or an error.
# Cure: the header names the forms (nplurals=2; plural=(n != 1);).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'babel==2.19.0'
mkdir -p "$folder/locale/it/LC_MESSAGES"
cat > "$folder/locale/it/LC_MESSAGES/messages.po" <<'PO'
msgid ""
msgstr ""
"Language: it\n"
"Content-Type: text/plain; charset=utf-8\n"

#, python-brace-format
msgid "{n} municipality"
msgid_plural "{n} municipalities"
msgstr[0] "{n} comune"
msgstr[1] "{n} comuni"
PO
cat > "$folder/show.py" <<'PY'
import gettext, io, sys
from babel import __version__
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

print("babel", __version__)
text = open(sys.argv[1], "rb").read()
named = text.replace(b'"Content-Type', b'"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n"Content-Type')
for name, data in (("no header", text), ("header", named)):
    catalogue = read_po(io.BytesIO(data), locale="it", abort_invalid=True)
    problems = [str(error) for message in catalogue for error in message.check(catalogue)]
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    said = gettext.GNUTranslations(compiled).ngettext
    counts = [said("{n} municipality", "{n} municipalities", n).format(n=n) for n in (0, 1, 2, 1000000)]
    print(f"{name}: {catalogue.num_plurals} forms, problems {problems}: {'; '.join(counts)}")
PY
cd "$folder"
{
  env/bin/python show.py locale/it/LC_MESSAGES/messages.po
  env/bin/pybabel compile --statistics -d locale 2>&1 | grep -o '1 of 1 messages (100%) translated'
} > seen
cat > expected <<'TXT'
babel 2.19.0
no header: 3 forms, problems []: 0 municipalities; 1 comune; 2 municipalities; 1000000 comuni
header: 2 forms, problems []: 0 comuni; 1 comune; 2 comuni; 1000000 comuni
1 of 1 messages (100%) translated
TXT
cat seen
diff expected seen
