"""A large page as Statuspage would record it; used by start.py and restart.py."""

import datetime

PAGE = "page00000000"


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def document(components, incidents):
    """A summary of a page as Statuspage would record it."""
    begin = datetime.datetime(2016, 1, 1)
    listed = [component(n, begin) for n in range(components)]
    past = [incident(n, begin + datetime.timedelta(hours=8 * n), listed) for n in range(incidents)]
    page = {"id": PAGE, "name": "Large", "url": "https://large.example", "time_zone": "Etc/UTC",
            "updated_at": stamp(begin + datetime.timedelta(hours=8 * incidents))}
    return {"page": page, "components": listed, "incidents": past}


def component(n, begin):
    return {"id": "component%05d" % n, "name": "Component %d" % n, "status": "operational",
            "created_at": stamp(begin), "updated_at": stamp(begin), "position": n + 1, "description": None,
            "showcase": True, "start_date": None, "group_id": None, "page_id": PAGE, "group": False,
            "only_show_if_degraded": False}


def incident(n, at, listed):
    touched = listed[n % len(listed)]
    steps = [("investigating", "operational", "partial_outage"), ("identified", "partial_outage", "partial_outage"),
             ("resolved", "partial_outage", "operational")]
    updates = []
    for step, (status, old, new) in enumerate(steps):
        told = stamp(at + datetime.timedelta(minutes=20 * step))
        updates.append({"id": "update%07d%d" % (n, step), "status": status, "incident_id": "incident%06d" % n,
                        "body": "Some requests fail and we are working on it. This is message %d." % step,
                        "created_at": told, "updated_at": told, "display_at": told,
                        "affected_components": [{"code": touched["id"], "name": touched["name"],
                                                 "old_status": old, "new_status": new}],
                        "deliver_notifications": True, "custom_tweet": None, "tweet_id": None})
    end = stamp(at + datetime.timedelta(minutes=40))
    return {"id": "incident%06d" % n, "name": "Some requests fail", "status": "resolved", "created_at": stamp(at),
            "updated_at": end, "monitoring_at": None, "resolved_at": end, "impact": "major",
            "shortlink": "https://large.example/%d" % n, "started_at": stamp(at), "page_id": PAGE,
            "incident_updates": updates[::-1], "components": [touched], "reminder_intervals": None}
