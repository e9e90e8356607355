"""What CI systems take for a JUnit report, as RELAX NG.

Written here after what Jenkins and Maven's Surefire read; the order of attributes and
what else they would take is left out.
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
  <define name="said">
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
              <element name="failure"><ref name="said"/></element>
              <element name="error"><ref name="said"/></element>
              <element name="skipped"><ref name="said"/></element>
            </choice>
          </optional>
        </element>
      </oneOrMore>
    </element>
  </define>
</grammar>
"""


def suite_of(path: str) -> etree._Element:
    """Return the suite of a report. Fails where it is none, or does not count its cases."""
    suite = _checked(path)
    assert suite.tag == "testsuite"
    _check_counts(suite)
    return suite


def suites_of(path: str) -> list[etree._Element]:
    """Return the suites of a batch's report, as strictly."""
    suites = _checked(path)
    assert suites.tag == "testsuites"
    for suite in suites:
        _check_counts(suite)
    return list(suites)


def _checked(path: str) -> etree._Element:
    root = etree.parse(path).getroot()
    etree.RelaxNG(etree.fromstring(_RULES)).assertValid(root)
    return root


def _check_counts(suite: etree._Element) -> None:
    for kind, count in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(kind) == str(len(suite.findall(f"testcase/{count}")))
    assert suite.get("tests") == str(len(suite))
