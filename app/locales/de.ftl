# Pharos auf Deutsch. Sätze sind ganze Sätze; niemand wird angeredet.
# Tests prüfen, dass jeder Schlüssel da ist und dieselben Angaben bekommt wie im Englischen.

## Die Sprache selbst

language-name = Deutsch
language-direction = ltr

## Aufzählungen, Zahlen und Zeiten

list-end = { $first } und { $last }
list-more = { $names } und { $count } weitere
percentage = { $number } %
quarter = { $quarter }. Quartal { $year }
zone-name = { $name ->
    [WET] WEZ
    [WEST] WESZ
    [CET] MEZ
    [CEST] MESZ
    [EET] OEZ
    [EEST] OESZ
   *[other] { $name }
}
duration-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
duration-hours = { $count } Std.
duration-minutes = { $count } Min.

## Zustände

component-status = { $status ->
    [operational] In Betrieb
    [under_maintenance] Wird gewartet
    [degraded_performance] Eingeschränkt
    [partial_outage] Teilausfall
   *[major_outage] Ausfall
}
incident-status = { $status ->
    [investigating] Wird untersucht
    [identified] Ursache gefunden
    [monitoring] Wird beobachtet
    [resolved] Behoben
    [postmortem] Nachbetrachtung
    [scheduled] Geplant
    [in_progress] Läuft
    [verifying] Wird geprüft
   *[completed] Abgeschlossen
}
incident-update = Meldung
incident-impact = { $impact ->
    [none] Keine Auswirkungen
    [maintenance] Wartung
    [minor] Geringe Auswirkungen
    [major] Erhebliche Auswirkungen
   *[critical] Kritische Auswirkungen
}

## Der Satz ganz oben

headline-last-known = Zuletzt bekannt um { $time }: { $text }
unconfirmed = Seit { $time } nicht bestätigt: Die Seite bleibt bei dem, was zuletzt bekannt war.
headline-well = Alle Systeme in Betrieb
headline-empty = Noch nichts zu berichten
headline-one = { $status ->
    [major_outage] { $name } ist ausgefallen
    [partial_outage] { $name } ist teilweise ausgefallen
    [degraded_performance] { $name } ist eingeschränkt
   *[under_maintenance] { $name } wird gewartet
}
headline-two = { $status ->
    [major_outage] { $names } sind ausgefallen
    [partial_outage] { $names } sind teilweise ausgefallen
    [degraded_performance] { $names } sind eingeschränkt
   *[under_maintenance] { $names } werden gewartet
}
headline-both = { $first } und { $second }
headline-many = { $status ->
    [major_outage] { $count } Komponenten sind ausgefallen
    [partial_outage] { $count } Komponenten sind teilweise ausgefallen
    [degraded_performance] { $count } Komponenten sind eingeschränkt
   *[under_maintenance] { $count } Komponenten werden gewartet
}
headline-all = { $status ->
    [major_outage] Alle Systeme sind ausgefallen
    [partial_outage] Alle Systeme sind teilweise ausgefallen
    [degraded_performance] Alle Systeme sind eingeschränkt
   *[under_maintenance] Alle Systeme werden gewartet
}
headline-mixed = { $count } Komponenten haben Probleme
headline-incident = { $status ->
    [investigating] Ein Problem wird untersucht
    [identified] Ein Problem wird behoben
   *[monitoring] Die Behebung ist erfolgt und wird beobachtet
}
headline-incidents = { $count } Störungen sind offen
more-rest = Alles andere ist in Betrieb.
more-open = Außerdem offen: { $names }.
more-maintenance = { $names } { $count ->
    [one] wird
   *[other] werden
} gewartet.
more-by-status = { $status }: { $names }.
more-components-well = Alle Komponenten melden, dass sie in Betrieb sind.
more-empty = Diese Seite hat noch keine Komponenten. Sobald es welche gibt, steht hier, wie es ihnen geht.
as-of = Stand: { $time }

## Die Seite

skip = Zum Status springen
support = Hilfe
page-title = { $text } – { $page }
happening-now = Was gerade geschieht
maintenance-now = Laufende Wartung
maintenance-next = Geplante Wartung
components = Komponenten
past = Vergangene Störungen
past-days = Die letzten { $count } Tage
no-incidents = Keine Störungen
still-open = { $name } – noch nicht vorbei
was-open = { $name } – erst an einem späteren Tag vorbei
announcement = Ankündigung
next-update-passed = Eine Meldung war bis { $time } zugesagt. Sie verspätet sich.
nav = Seiten
nav-status = Status
nav-history = Verlauf
nav-uptime = Verfügbarkeit
subscribe = Abonnieren
subscribe-one = Nur hierzu
subscribe-whole = Die ganze Seite
subscribe-atom = Atom
subscribe-atom-for = Für Feedreader
subscribe-rss = RSS
subscribe-rss-for = Für Feedreader und Chats
subscribe-json = JSON Feed
subscribe-json-for = Für Skripte
subscribe-calendar = Kalenderdatei
subscribe-calendar-for = Zum Herunterladen
subscribe-webcal = Kalender
subscribe-webcal-for = Geplante Wartungen
footer-json = Status als JSON
footer-made = Befeuert von Pharos

## Komponenten und ihre Tage

uptime = { $percentage } verfügbar in { $count } Tagen
bar-label = { $name }, die letzten { $count } Tage
days-ago = vor { $count } Tagen
today = Heute
group-count = { $count ->
    [one] eine Komponente
   *[other] { $count } Komponenten
}
group-affected = { $affected } von { $count } betroffen
day-unknown = Keine Daten
day-well = Nichts zu berichten
legend = So sind die Tage zu lesen
legend-note = Jeder Balken ist ein Tag in der Zone { $zone }, der heutige steht am Ende; je höher er ist, desto länger war der Ausfall. Ein Punkt über einem Tag steht für etwas Lesenswertes, das nicht als Ausfall zählt. Tage ohne Daten bleiben flach.
legend-counted = Die Verfügbarkeit ist der Anteil der letzten 90 Tage ohne Ausfall. Ein Teilausfall zählt mit 30 % seiner Zeit, ein Ausfall mit seiner ganzen; Einschränkungen und Wartung zählen nicht. Prozente werden abgeschnitten, nie aufgerundet.
legend-none = Kein Ausfall
legend-short = Kurzer Ausfall
legend-long = Längerer Ausfall
legend-worst = Eine Stunde oder mehr
component-link = { $name } öffnen

## Störungen

impact-lasted = { $impact }, Dauer { $duration }
next-update = Nächste Meldung bis { $time }
earlier-updates = { $count ->
    [one] Eine frühere Meldung
   *[other] { $count } frühere Meldungen
}
affects = Betroffen: { $names }
impact = Auswirkungen
began = Beginn
ended = Ende
planned-window = Geplant für
planned-passed = Geplant war { $window }. Diese Zeit ist vorbei; ob es geschehen ist, steht noch nicht fest.
lasted = Dauer
affected = Betroffen
updates = Meldungen
no-updates = Es gibt noch keine Meldung. Sobald etwas bekannt ist, steht es hier.
back = Zurück zum aktuellen Status
postmortem = Nachbetrachtung
postmortem-above = Die Nachbetrachtung wurde veröffentlicht.
postmortem-published = Veröffentlicht: { $time }
incident-neighbours = Weitere Störungen
incident-before = Davor
incident-after = Danach

## Die Seite einer Komponente

component-days = Die letzten 90 Tage
component-calm = Über die letzten 90 Tage gibt es nichts zu berichten.
column-day = Tag
column-state = Was geschah
column-incidents = Störungen
dates-range = { $from } bis { $to }

## Messwerte

metrics = Messwerte
metric-value = { $number } { $unit }
metric-period = { $period ->
    [hour] Die letzte Stunde
    [day] Die letzten 24 Stunden
    [week] Die letzten 7 Tage
   *[month] Die letzten 28 Tage
}
metric-spread = { $min } bis { $max }, im Mittel { $mean }
metric-chart = { $name }, { $period ->
    [hour] die letzte Stunde
    [day] die letzten 24 Stunden
    [week] die letzten 7 Tage
   *[month] die letzten 28 Tage
}
metric-spoken = { $chart }: { $spread }.
metric-nothing = Keine Daten
metric-newest = Zuletzt gemessen
metric-lowest = Tiefster Wert
metric-mean = Mittelwert
metric-highest = Höchster Wert
metric-table = Werte als Tabelle zeigen
metric-from = Von
metric-json = Werte als JSON
metric-zone = Die Zeiten unter den Diagrammen gelten für { $zone }. Wo nichts gemessen wurde, ist nichts gezeichnet. Die Linie ist der Mittelwert, das Band darum reicht vom tiefsten bis zum höchsten Wert.

## Plaketten

badge-status = { $status ->
    [none] In Betrieb
    [maintenance] Wird gewartet
    [minor] Kleinere Störung
    [major] Teilausfall
    [critical] Ausfall
   *[quiet] Keine Daten
}
badge-uptime = { $name } verfügbar
embed-title = Status
embed-link = Zum Status von { $page }
embed-close = Schließen

## Die Vergangenheit

history = Verlauf
history-of = Verlauf, { $span }
history-of-component = Verlauf von { $name }, { $span }
history-description = Störungen und Wartungen, { $span }
history-all = Der ganze Verlauf
history-open = noch nicht vorbei
history-cut = Hier stehen nur die letzten { $count }. Die anderen findet eine Suche.
history-link = Alle vergangenen Störungen
filter-component = Komponente
filter-all = Alle Komponenten
filter-show = Anzeigen
search-words = Suche nach
search-title = Suche im Verlauf
search-found = { $count ->
    [0] Nichts gefunden für „{ $words }“
    [one] Ein Treffer für „{ $words }“
   *[other] { $count } Treffer für „{ $words }“
}
search-cut = Hier stehen nur die neuesten { $count }. Mehr Wörter finden weniger.
search-too-short = Für eine Suche sind mindestens { $count } Zeichen nötig.
search-too-long = Eine Suche darf höchstens { $count } Zeichen haben.
pager = Andere Monate
pager-older = Früher
pager-newer = Später
pager-first = Die ersten
pager-now = Jetzt

## Verfügbarkeit nach Monaten

calendar = Verfügbarkeit
calendar-of = Verfügbarkeit von { $name }, { $span }
calendar-link = Verfügbarkeit nach Monaten
calendar-calm = Über diese Monate gibt es nichts zu berichten.
calendar-counted = Die Verfügbarkeit ist der Anteil der bekannten Tage ohne Ausfall. Ein Teilausfall zählt mit 30 % seiner Zeit, ein Ausfall mit seiner ganzen; Einschränkungen und Wartung zählen nicht. Prozente werden abgeschnitten, nie aufgerundet.
weekday-short = { $day ->
    [mon] Mo
    [tue] Di
    [wed] Mi
    [thu] Do
    [fri] Fr
    [sat] Sa
   *[sun] So
}

## Fehler

error-not-found = Diese Seite gibt es nicht
error-not-found-help = Die Adresse enthält vielleicht einen Tippfehler, oder das, wohin sie führte, wurde entfernt. Alles, was gerade geschieht, steht auf der Startseite.
error-method-not-allowed = Das geht hier nicht
error-method-not-allowed-help = Die Seite gibt es, aber sie nimmt solche Anfragen nicht an. Als gewöhnliche Seite lässt sie sich öffnen.
error-too-many-requests = Etwas zu schnell
error-too-many-requests-help = Aus diesem Netz kamen mehr Anfragen, als beantwortet werden können. In einer Minute geht es wieder.
error-internal = Hier ist etwas schiefgegangen
error-internal-help = Die Statusseite selbst hatte einen Fehler, der festgehalten wurde. Über die Dienste sagt das nichts. Gleich noch einmal versuchen.
error-unavailable = Das lässt sich gerade nicht zeigen
error-unavailable-help = Was dazu nötig ist, ist im Moment nicht zu erreichen. Über die Dienste sagt das nichts. In einer Minute noch einmal versuchen.
error-misdirected = Hier antwortet keine Statusseite
error-misdirected-help = Unter dieser Adresse gibt es keine Statusseite. Vielleicht enthält sie einen Tippfehler; wer sie weitergegeben hat, kennt die richtige.
error-now = Status jetzt: { $text }
