"""Says what a schema finds wrong with documents: `validate.py SCHEMA DOCUMENT…`, by the schema's kind.

Run by an interpreter that has jsonschema and xmlschema, which that of the tests need not have. Prints a line for each
mistake, and exits with 1 when there is one.
"""

import json
import pathlib
import sys


def mistakes_of_json(schema, documents):
    import jsonschema

    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    for name in documents:
        for error in validator.iter_errors(json.loads(pathlib.Path(name).read_text())):
            yield "{}: {}: {}".format(name, "/".join(map(str, error.absolute_path)), error.message[:300])


def mistakes_of_xml(schema, documents):
    import xmlschema

    validator = xmlschema.XMLSchema(schema)
    for name in documents:
        for error in validator.iter_errors(name):
            yield "{}: {}: {}".format(name, error.path, error.reason)


def main(name, *documents):
    if name.endswith(".xsd"):
        mistakes = list(mistakes_of_xml(name, documents))
    else:
        mistakes = list(mistakes_of_json(json.loads(pathlib.Path(name).read_text()), documents))
    print("\n".join(mistakes))
    sys.exit(1 if mistakes else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
