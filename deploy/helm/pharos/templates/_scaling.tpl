{{/* How many pods there may be, and whether the database bears them. */}}

{{- define "pharos.mostReplicas" -}}
{{- $v := .Values }}
{{- if or $v.autoscaling.enabled $v.keda.enabled }}
{{- if gt (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas) }}
{{- fail "autoscaling: minReplicas is more than maxReplicas" }}
{{- end }}
{{- $v.autoscaling.maxReplicas | int }}
{{- else }}
{{- $v.replicaCount | int }}
{{- end }}
{{- end }}

{{/* One more than that while pods are exchanged, and the workers. The rest of the connections is for migrations,
     backups and people. */}}
{{- define "pharos.checkConnections" -}}
{{- $v := .Values }}
{{- if and $v.autoscaling.enabled $v.keda.enabled }}
{{- fail "keda.enabled: KEDA makes an autoscaler of its own; set autoscaling.enabled=false" }}
{{- end }}
{{- $pods := add (int (include "pharos.mostReplicas" .)) 1 (ternary (int $v.worker.replicaCount) 0 $v.worker.enabled) }}
{{- $opened := mul $pods (int $v.database.connectionsPerReplica) }}
{{- if ge (mul $opened 10) (mul 6 (int $v.database.maxConnections)) }}
{{- fail (printf "database.maxConnections: %d pods may open %d connections, which must stay below 0.6 of %d; allow fewer replicas or more connections" $pods $opened (int $v.database.maxConnections)) }}
{{- end }}
{{- end }}

{{/* Up at once, since a spike is there within a minute; down slowly, since the next one may follow. */}}
{{- define "pharos.scalingBehaviour" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  selectPolicy: Max
  policies:
    - type: Percent
      value: 100
      periodSeconds: 15
    - type: Pods
      value: 4
      periodSeconds: 15
scaleDown:
  stabilizationWindowSeconds: {{ .Values.autoscaling.scaleDownStabilizationSeconds | int }}
  policies:
    - type: Pods
      value: 1
      periodSeconds: 120
{{- end }}
