"""The JUnit format that CI systems accept, as a RELAX NG schema.

Written from the formats that Jenkins and Maven's Surefire read, without the elements that
httpcli does not write.
"""

from __future__ import annotations

from lxml import etree

_RULES = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <define name="seconds">
    <data type="string"><param name="pattern">[0-9]+\\.[0-9]+</param></data>
  </define>
  <define name="count"><data type="nonNegativeInteger"/></define>
  <define name="outcome">
    <optional><attribute name="type"/></optional>
    <attribute name="message"/>
    <text/>
  </define>
  <start>
    <choice>
      <ref name="suite"/>
      <element name="testsuites"><zeroOrMore><ref name="suite"/></zeroOrMore></element>
    </choice>
  </start>
  <define name="suite">
    <element name="testsuite">
      <attribute name="name"/>
      <attribute name="tests"><ref name="count"/></attribute>
      <attribute name="failures"><ref name="count"/></attribute>
      <attribute name="errors"><ref name="count"/></attribute>
      <attribute name="skipped"><ref name="count"/></attribute>
      <attribute name="time"><ref name="seconds"/></attribute>
      <attribute name="timestamp"><data type="dateTime"/></attribute>
      <oneOrMore>
        <element name="testcase">
          <attribute name="classname"/>
          <attribute name="name"/>
          <attribute name="time"><ref name="seconds"/></attribute>
          <optional>
            <choice>
              <element name="failure"><ref name="outcome"/></element>
              <element name="error"><ref name="outcome"/></element>
              <element name="skipped"><ref name="outcome"/></element>
            </choice>
          </optional>
        </element>
      </oneOrMore>
    </element>
  </define>
</grammar>
"""


def suite_of(path: str) -> etree._Element:
    """Return the test suite of a report. Fails if the report is invalid or a count is wrong."""
    suite = _validated_root(path)
    assert suite.tag == "testsuite"
    _check_counts(suite)
    return suite


def suites_of(path: str) -> list[etree._Element]:
    """Return the test suites of a batch report, with the same checks."""
    suites = _validated_root(path)
    assert suites.tag == "testsuites"
    for suite in suites:
        _check_counts(suite)
    return list(suites)


def _validated_root(path: str) -> etree._Element:
    root = etree.parse(path).getroot()
    etree.RelaxNG(etree.fromstring(_RULES)).assertValid(root)
    return root


def _check_counts(suite: etree._Element) -> None:
    for kind, count in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(kind) == str(len(suite.findall(f"testcase/{count}")))
    assert suite.get("tests") == str(len(suite))
