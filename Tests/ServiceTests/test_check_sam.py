"""`loopwarden check` of SAM templates: what is run, with which settings, and what is left out."""

import json
import shutil
import unittest

import harness

PROJECT = harness.HOME / "Config/samples/orders-sam"
FIXED = '''"""Runs coroutines for code that is not async itself."""

import asyncio


def run(coroutine):
    return asyncio.run(coroutine)
'''

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: test}
  Bucket: {Type: String}
Mappings:
  Sizes:
    test: {Memory: 512}
Globals:
  Function:
    Timeout: 5
    MemorySize: !FindInMap [Sizes, !Ref Stage, Memory]
    Layers: [!Ref Shared]
    Environment:
      Variables:
        STAGE: !Ref Stage
        TABLE: !Ref Table
        REGION: {Ref: "AWS::Region"}
        BUCKET: !Ref Bucket
        IMPORTED: !ImportValue other
        OTHER: "1"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: ./layers/../layers/shared/}
  Flat:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/flat}
    Metadata: {BuildMethod: python3.11}
  Good:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/good/
      Handler: inner/app.lambda_handler
      Layers:
        - {Ref: Flat}
        - !Sub "arn:aws:lambda:${AWS::Region}:123456789012:layer:remote:1"
      Environment:
        Variables:
          NAME: !Sub "${AWS::StackName}-${Table}-${!x}"
          JOINED: !Join ["/", [a, !Ref Stage, !GetAtt Table.Arn]]
          CHOSEN: !Select [1, [a, b]]
          SUBBED: !Sub ["${One}-${Stage}", {One: !Ref Table}]
          OTHER: 7
      Events:
        Queue: {Type: SQS, Properties: {Queue: !Ref Table}}
  Bad:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/bad
      Handler: handler.handler
      Runtime: !Sub "python3.9"
  Node:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs20.x, Handler: index.handler}
  Inline:
    Type: AWS::Serverless::Function
    Properties: {Handler: index.handler, InlineCode: "def handler(e, c): pass"}
  Image:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
  Deployed:
    Type: AWS::Lambda::Function
    Properties: {Handler: a.b, Code: {S3Bucket: b, S3Key: k}}
  Nested:
    Type: AWS::Serverless::Application
    Properties: {Location: nested/template.yaml}
"""
GOOD = """
import os

from flat_module import flat
from shared_module import shared


def lambda_handler(event, context):
    assert (flat, shared) == (1, 2)
    expected = {
        "STAGE": "test", "TABLE": "Table", "REGION": "us-east-1", "BUCKET": None, "IMPORTED": None, "OTHER": "7",
        "NAME": "local-Table-${x}", "JOINED": "a/test/Table", "CHOSEN": "b", "SUBBED": "Table-test",
    }
    found = {name: os.environ.get(name) for name in expected}
    assert found == expected, found
    assert context.memory_limit_in_mb in (512, "512")
    assert 3000 < context.get_remaining_time_in_millis() <= 5000
    assert event["Records"][0]["eventSource"] == "aws:sqs", event
"""


class SAMTests(harness.CheckTestCase):
    patience = 4 * harness.PATIENCE

    def write_project(self):
        self.write(TEMPLATE, "template.yaml")
        self.write(GOOD, "src/good/inner/app.py")
        self.write("flat = 1\n", "layers/flat/flat_module.py")
        self.write("shared = 2\n", "layers/shared/python/shared_module.py")
        shutil.copytree(harness.PLUGINS / "module-loop-broken", self.scratch / "src/bad")

    def test_functions_run_with_what_the_template_gives_them(self):
        self.write_project()
        done = self.check("template.yaml", "--schedule", "warm", "--python", "python3", "--json")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        runs = {run["function"]: run for run in json.loads(done.stdout)["runs"]}
        self.assertEqual(set(runs), {"Good", "Bad"})
        self.assertEqual({run["host"] for run in runs.values()}, {"aws-lambda"})
        outcomes = {(each["outcome"], each["errorMessage"]) for each in runs["Good"]["invocations"]}
        self.assertEqual(outcomes, {("ok", None)})
        self.assertEqual(runs["Good"]["findings"], [])
        self.assertNotEqual(runs["Bad"]["findings"], [])
        for part in (
            "Node runs on nodejs20.x, and is left out.",
            "Inline has its code in the template, and is left out.",
            "Image is a container image, and is left out.",
            "Deployed has its code in a bucket, and is left out.",
            "Nested is another template; check it by itself.",
            "Good: layer arn:aws:lambda:us-east-1:123456789012:layer:remote:1 is not in the template",
        ):
            self.assertIn("template.yaml: " + part, done.stderr)
        # A folder means its template, and one function can be named; an event given counts for all.
        done = self.check(".", "--schedule", "warm", "--python", "python3", "--event", "{}", "--json")
        self.assertEqual({run["function"] for run in json.loads(done.stdout)["runs"]}, {"Good", "Bad"})
        self.assertIn("KeyError", done.stdout)
        done = self.check("template.yaml:Good", "--schedule", "warm", "--python", "python3")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        done = self.check("template.yaml:Other")
        self.assertEqual(done.returncode, 66)
        self.assertIn("It has Good, Bad.", done.stderr)

    def test_the_runtime_is_the_interpreter_and_what_is_missing_is_said(self):
        self.write_project()
        done = self.check("template.yaml:Bad", "--schedule", "warm", "--json")
        (run,) = json.loads(done.stdout)["runs"]
        if run["obstacle"] is None:
            self.assertTrue(run["python"].startswith("3.9."), run)
        self.write(TEMPLATE.replace("python3.9", "python3.99"), "template.yaml")
        done = self.check("template.yaml:Bad", "--schedule", "warm")
        self.assertEqual(done.returncode, 69)
        self.assertIn("3.99", done.stdout)

    def test_mistakes_of_a_template_are_told_with_their_line(self):
        function = "Resources:\n  A:\n    Type: AWS::Serverless::Function\n"
        for text, part in (
            ("a: [", "not YAML"),
            ("a: 1", "it has no Resources"),
            ("Resources: {A: {Type: Other}}", "has no Python function"),
            (function, "template.yaml:2: A.Handler: expected module.function"),
            (
                function + "    Properties: {Handler: a.b, CodeUri: gone/}\n",
                "template.yaml:2: A.CodeUri: there is no folder gone/ beside the template",
            ),
            (
                function + "    Properties: {Handler: a.b}\n    Metadata: {Loopwarden: {Event: gone.json}}\n",
                "template.yaml:2: A.Metadata.Loopwarden.Event: there is no file gone.json with JSON",
            ),
            (function + "    Properties: {Runtime: go1.x}\n", "A runs on go1.x, and is left out"),
        ):
            with self.subTest(text=text):
                self.write(text, "template.yaml")
                done = self.check("template.yaml")
                self.assertEqual(done.returncode, 78, done.stdout)
                self.assertIn(part, done.stderr)

    def test_json_templates_are_templates(self):
        resource = {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "app.handler", "CodeUri": "."}}
        self.write(json.dumps({"Resources": {"Only": resource}}), "template.json")
        self.write("def handler(event, context):\n    return event\n", "app.py")
        self.assertEqual(self.check(".", "--schedule", "warm", "--python", "python3").returncode, 0)

    def test_the_sample_project_as_the_readme_says(self):
        project = self.scratch / "orders-sam"
        shutil.copytree(PROJECT, project)
        done = self.check("orders-sam/template.yaml", "--python", "python3", "--json")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        report = json.loads(done.stdout)
        failing = {
            run["function"] for run in report["runs"] if any(each["outcome"] != "ok" for each in run["invocations"])
        }
        self.assertIn("ShipOrders", failing)
        self.assertEqual({each["function"] for each in report["findings"]}, {"ShipOrders"})
        self.assertLessEqual({"poisoned-slot", "closed-loop-reuse"}, {each["rule"] for each in report["findings"]})
        (site,) = {each["site"]["file"] for each in report["findings"]}
        self.assertTrue(site.endswith("/orders-sam/layers/common/orders_common/runner.py"), site)
        # With the change that the finding asks for all is well.
        (project / "layers/common/orders_common/runner.py").write_text(FIXED)
        done = self.check("orders-sam/template.yaml", "--python", "python3")
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
