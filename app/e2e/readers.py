"""What other people's readers make of the feeds and the calendar of the demo: feedparser and icalendar, from PyPI.

PHAROS_E2E_URL names the server.
"""

import json
import os
import unittest
import urllib.request

import feedparser
import icalendar

ORIGIN = os.environ["PHAROS_E2E_URL"].rstrip("/")


def read(path):
    with urllib.request.urlopen(ORIGIN + path, timeout=10) as answer:
        return answer.read()


SUMMARY = json.loads(read("/api/v2/summary.json"))
INCIDENTS = json.loads(read("/api/v2/incidents.json"))["incidents"]
MAINTENANCES = json.loads(read("/api/v2/scheduled-maintenances.json"))["scheduled_maintenances"]
COMPONENT = next(component["id"] for incident in INCIDENTS for component in incident["components"])
PLACES = ["", f"/components/{COMPONENT}", f"/incidents/{INCIDENTS[0]['id']}"]


class Feeds(unittest.TestCase):
    def test_atom_and_rss_are_well_formed_and_say_the_same(self):
        for place in PLACES:
            with self.subTest(place or "/"):
                atom = feedparser.parse(read(place + "/history.atom"))
                rss = feedparser.parse(read(place + "/history.rss"))
                self.assertFalse(atom.bozo, atom.get("bozo_exception"))
                self.assertFalse(rss.bozo, rss.get("bozo_exception"))
                self.assertEqual((atom.version, rss.version), ("atom10", "rss20"))
                self.assertTrue(0 < len(atom.entries) <= 25)
                self.assertEqual([entry.title for entry in atom.entries], [entry.title for entry in rss.entries])
                for one, other in zip(atom.entries, rss.entries):
                    self.assertEqual(one.published_parsed, other.published_parsed)
                    self.assertEqual(one.link, other.link)
                    self.assertEqual(one.content[0].value, other.summary)

    def test_atom_has_what_rfc_4287_asks_for(self):
        for place in PLACES:
            feed = feedparser.parse(read(place + "/history.atom"))
            for needed in ("id", "title", "updated_parsed", "author"):
                self.assertTrue(feed.feed.get(needed), needed)
            self.assertIn("self", [link.rel for link in feed.feed.links])
            self.assertEqual(len({entry.id for entry in feed.entries}), len(feed.entries))
            for entry in feed.entries:
                for needed in ("id", "title", "updated_parsed", "published_parsed", "link", "content"):
                    self.assertTrue(entry.get(needed), needed)

    def test_every_incident_is_there_by_its_name(self):
        names = {entry.title for entry in feedparser.parse(read("/history.atom")).entries}
        newest = sorted(INCIDENTS, key=lambda one: one["incident_updates"][0]["display_at"])[-5:]
        for incident in newest:
            self.assertIn(incident["name"], names)


class Calendar(unittest.TestCase):
    def test_maintenances_are_events(self):
        calendar = icalendar.Calendar.from_ical(read("/history.ics"))
        self.assertEqual(calendar["version"], "2.0")
        self.assertIn(SUMMARY["page"]["name"], calendar["x-wr-calname"])
        events = {str(event["uid"]).split("@")[0]: event for event in calendar.walk("VEVENT")}
        self.assertTrue(events)
        self.assertEqual(set(events), {maintenance["id"] for maintenance in MAINTENANCES})
        for maintenance in MAINTENANCES:
            event = events[maintenance["id"]]
            self.assertFalse(event.errors)
            self.assertTrue(str(event["summary"]).endswith(maintenance["name"]))
            self.assertIn(event["status"], ("CONFIRMED", "CANCELLED"))
            self.assertGreaterEqual(event["sequence"], len(maintenance["incident_updates"]) - 1)
            begin = event["dtstart"].dt.strftime("%Y-%m-%dT%H:%M:%S")
            self.assertTrue(event["dtstart"].dt < event["dtend"].dt)
            self.assertEqual(event["dtstart"].dt.utcoffset().total_seconds(), 0)
            if maintenance["scheduled_for"].endswith("Z"):
                self.assertEqual(begin, maintenance["scheduled_for"][:19])


if __name__ == "__main__":
    unittest.main()
