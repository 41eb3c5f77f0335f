"""What a load test leaves: report.md, its charts, and report.json, which the next one is held against."""

import json
import os
import pathlib
import platform
import subprocess

# Slower, larger or rarer by more than this is worse: such machines are noisy.
WORSE = 0.2


def said_by(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20, check=True).stdout.strip().splitlines()[0]
    except (OSError, subprocess.SubprocessError, IndexError):
        return "not there"


def machine():
    memory = next((line.split()[1] for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")), "0")
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {model}, {int(memory) // 1024 // 1024} GB, {platform.system()} {platform.release()}"


def versions():
    return {"pharos": said_by(os.environ["PHAROS"], "--version"), "k6": said_by(os.environ["K6"], "version"), "goose": "0.19",
            "redis": said_by("redis-server", "--version"), "rustc": said_by("rustc", "--version")}


def of_k6(data):
    metrics = data["metrics"]
    out = {"requests": metrics["http_reqs"]["values"]["count"], "requests_per_second": metrics["http_reqs"]["values"]["rate"],
           "failed_share": metrics["http_req_failed"]["values"]["rate"],
           "dropped_arrivals": metrics.get("dropped_iterations", {"values": {"count": 0}})["values"]["count"],
           "checks_passed_share": metrics["checks"]["values"]["rate"]}
    for name, metric in metrics.items():
        if name.startswith("http_req_duration"):
            kind = name.partition("{kind:")[2].rstrip("}") or "all"
            for part in ("med", "p(95)", "p(99)"):
                out[f"{part} ms, {kind}"] = metric["values"][part]
    return out


def of_goose(data):
    requests = data["raw_metrics"]["requests"].values()
    count = sum(one["success_count"] + one["fail_count"] for one in requests)
    failed = sum(one["fail_count"] for one in requests)
    seconds = data["raw_metrics"]["duration"] or 1
    out = {"requests": count, "requests_per_second": count / seconds, "failed_share": failed / count if count else 1}
    for one in requests:
        times = one["raw_data"]
        if times["counter"]:
            out[f"mean ms, {one['path']}"] = times["total_time"] / times["counter"]
    return out


def of_servers(samples):
    if len(samples) < 2:
        return {}
    first, last = samples[0], samples[-1]
    span = last["at"] - first["at"]
    tail = [row["resident_mb"] for row in samples[len(samples) // 6:]]
    return {"resident_mb_most": max(row["resident_mb"] for row in samples), "resident_mb_end": last["resident_mb"],
            "resident_mb_grown_after_a_sixth": tail[-1] - tail[0], "files_most": max(row["files"] for row in samples),
            "cpu_seconds_per_second": (last["cpu_seconds"] - first["cpu_seconds"]) / span}


def chart(title, points, unit):
    """A line, from nought upwards."""
    width, height, left, bottom = 720, 220, 60, 30
    if len(points) < 2:
        return ""
    most = max(value for _, value in points) or 1
    begin, span = points[0][0], (points[-1][0] - points[0][0]) or 1
    line = " ".join(f"{left + (at - begin) / span * (width - left - 10):.1f},{height - bottom - value / most * (height - bottom - 30):.1f}" for at, value in points)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" font-family="system-ui" font-size="12">
<rect width="{width}" height="{height}" fill="#fff"/><text x="{left}" y="16" font-size="14">{title}</text>
<text x="{left - 6}" y="34" text-anchor="end">{most:.4g} {unit}</text><text x="{left - 6}" y="{height - bottom}" text-anchor="end">0</text>
<text x="{width - 10}" y="{height - 10}" text-anchor="end">{span:.0f} s</text>
<path d="M{left} {height - bottom}H{width - 10}M{left} 30V{height - bottom}" stroke="#999" fill="none"/>
<polyline points="{line}" fill="none" stroke="#1668dc" stroke-width="2"/></svg>
"""


def charts(folder, samples):
    begin = samples[0]["at"] if samples else 0
    resident = [(row["at"] - begin, row["resident_mb"]) for row in samples]
    used = [(b["at"] - begin, (b["cpu_seconds"] - a["cpu_seconds"]) / (b["at"] - a["at"])) for a, b in zip(samples, samples[1:])]
    made = []
    for name, title, points, unit in (("memory", "Resident memory of the largest replica", resident, "MB"),
                                      ("processor", "Processor time of all replicas", used, "cores")):
        drawn = chart(title, points, unit)
        if drawn:
            (folder / f"{name}.svg").write_text(drawn)
            made.append(f"![{title}]({name}.svg)")
    return made


def last_one(folder):
    """The figures of the newest earlier run of the same scenario on the same kind of store."""
    kind = folder.name.split("-", 4)[4]
    earlier = sorted(path for path in folder.parent.glob(f"*-{kind}/report.json") if path.parent.name < folder.name)
    return (earlier[-1].parent.name, json.loads(earlier[-1].read_text())["figures"]) if earlier else (None, {})


def worse(before, now):
    told = []
    for name, value in now.items():
        was = before.get(name)
        if not isinstance(was, (int, float)) or not isinstance(value, (int, float)):
            continue
        less_is_worse = "per_second" in name and "cpu" not in name or "passed" in name
        change = (was - value if less_is_worse else value - was) / (abs(was) or 1)
        if change > WORSE and name != "requests":
            told.append(f"{name}: {was:.4g} before, {value:.4g} now")
    return told


def write(folder, given, samples, said, code, log):
    figures = of_servers(samples)
    if (folder / "k6.json").exists():
        figures.update(of_k6(json.loads((folder / "k6.json").read_text())))
    if (folder / "goose.json").exists():
        figures.update(of_goose(json.loads((folder / "goose.json").read_text())))
    name, before = last_one(folder)
    told = worse(before, figures)
    (folder / "report.json").write_text(json.dumps({"code": code, "machine": machine(), "versions": versions(), "figures": figures, "samples": samples}, indent=1))
    commands = (folder / "command.txt").read_text().splitlines()
    lines = [f"# {given.scenario} on {given.url or given.on}, {folder.name[:10]}", "",
             "Every objective was met." if code == 0 else f"An objective was missed, or it did not run (exit code {code}).", "",
             f"- machine: {machine()}", *(f"- {key}: {value}" for key, value in versions().items()),
             *(f"- `{command}`" for command in commands), "", "| figure | value |", "|---|---|",
             *(f"| {key} | {value:,.2f} |" for key, value in figures.items() if isinstance(value, (int, float))), "",
             *charts(folder, samples), ""]
    if said:
        lines += ["What was taken away (-) and given back (+):", "", *(f"- after {at - samples[0]['at']:.0f} s: {what}" for at, what in said), ""]
    lines += [f"## Against {name}" if name else "There is no earlier run of this kind here.", "",
              *([f"- worse: {one}" for one in told] or (["Nothing got worse by more than a fifth."] if name else [])), ""]
    if log:
        lines += ["## What the servers complained of", "", "```", log, "```", ""]
    (folder / "report.md").write_text("\n".join(lines))
