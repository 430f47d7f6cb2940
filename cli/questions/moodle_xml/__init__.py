"""Moodle XML, as Moodle's question bank exports and imports it."""

from cli.questions.moodle_xml.reading import is_moodle_xml, read_moodle_xml
from cli.questions.moodle_xml.writing import write_moodle_xml

__all__ = ["is_moodle_xml", "read_moodle_xml", "write_moodle_xml"]
