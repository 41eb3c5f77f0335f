{{/* Which Secret holds what no value names. */}}

{{/* The Secret that the pods read. */}}
{{- define "pharos.secretName" -}}
{{- if .Values.secrets.existingSecret }}
{{- .Values.secrets.existingSecret }}
{{- else if .Values.secrets.externalSecret.enabled }}
{{- include "pharos.fullname" . }}-external
{{- else }}
{{- include "pharos.fullname" . }}
{{- end }}
{{- end }}

{{/* Whether any setting is read from that Secret. */}}
{{- define "pharos.readsSecret" -}}
{{- $v := .Values }}
{{- if or (not $v.keys.reference) (not $v.database.url) (and $v.redis.enabled (not $v.redis.url)) (and $v.smtp.enabled (not $v.smtp.url)) }}yes{{ end }}
{{- end }}

{{/* Whether the chart makes it. */}}
{{- define "pharos.makesSecret" -}}
{{- if and (include "pharos.readsSecret" .) (not .Values.secrets.existingSecret) (not .Values.secrets.externalSecret.enabled) }}yes{{ end }}
{{- end }}

{{/* The chart can only make what belongs to a database of its own. */}}
{{- define "pharos.checkSecrets" -}}
{{- $v := .Values }}
{{- if include "pharos.makesSecret" . }}
{{- if and (not $v.database.url) (not $v.bundled.postgres.enabled) }}
{{- fail "database: name database.url or secrets.existingSecret (key database-url), or set bundled.postgres.enabled" }}
{{- end }}
{{- if and $v.redis.enabled (not $v.redis.url) (not $v.bundled.redis.enabled) }}
{{- fail "redis: name redis.url or secrets.existingSecret (key redis-url), or set bundled.redis.enabled or redis.enabled=false" }}
{{- end }}
{{- if and $v.smtp.enabled (not $v.smtp.url) }}
{{- fail "smtp: name smtp.url or secrets.existingSecret (key smtp-url)" }}
{{- end }}
{{- end }}
{{- end }}

{{/* A setting that is a value or a key of the Secret: (list . "VARIABLE" value "key"). */}}
{{- define "pharos.secretEnv" -}}
- name: {{ index . 1 }}
{{- if index . 2 }}
  value: {{ index . 2 | quote }}
{{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ include "pharos.secretName" (index . 0) }}
      key: {{ index . 3 }}
{{- end }}
{{- end }}
