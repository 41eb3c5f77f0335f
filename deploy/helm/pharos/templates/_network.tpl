{{/* Parts of the network policies. */}}

{{/* CIDRs as peers. */}}
{{- define "pharos.peers" -}}
{{- range . }}
- ipBlock:
    cidr: {{ . }}
{{- end }}
{{- end }}

{{/* Ports as TCP ports. */}}
{{- define "pharos.ports" -}}
{{- range . }}
- protocol: TCP
  port: {{ . | int }}
{{- end }}
{{- end }}

{{/* Pods of this release by component: (list . "component" …). */}}
{{- define "pharos.pods" -}}
- podSelector:
    matchLabels:
      {{- include "pharos.selector" (first .) | nindent 6 }}
    matchExpressions:
      - key: app.kubernetes.io/component
        operator: In
        values: {{ rest . | toJson }}
{{- end }}

{{- define "pharos.egressDns" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    {{- with .Values.networkPolicy.nodeLocalDns }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
{{- end }}

{{- define "pharos.egressPostgres" -}}
{{- $n := .Values.networkPolicy }}
- to:
    {{- if .Values.bundled.postgres.enabled }}
    {{- include "pharos.pods" (list . "postgres") | nindent 4 }}
    {{- else }}
    {{- include "pharos.peers" $n.postgres.cidrs | nindent 4 }}
    {{- end }}
  ports:
    {{- include "pharos.ports" (list (ternary 5432 $n.postgres.port .Values.bundled.postgres.enabled)) | nindent 4 }}
{{- end }}

{{- define "pharos.egressRedis" -}}
{{- $n := .Values.networkPolicy }}
{{- if .Values.redis.enabled }}
- to:
    {{- if .Values.bundled.redis.enabled }}
    {{- include "pharos.pods" (list . "redis") | nindent 4 }}
    {{- else }}
    {{- include "pharos.peers" $n.redis.cidrs | nindent 4 }}
    {{- end }}
  ports:
    {{- include "pharos.ports" (list (ternary 6379 $n.redis.port .Values.bundled.redis.enabled)) | nindent 4 }}
{{- end }}
{{- end }}

{{/* Secrets Manager, and the address of the Pod Identity agent on each node. */}}
{{- define "pharos.egressAws" -}}
{{- $a := .Values.networkPolicy.aws }}
{{- if $a.enabled }}
- to:
    {{- range $a.cidrs }}
    - ipBlock:
        cidr: {{ . }}
        {{- if eq . "0.0.0.0/0" }}
        # All of the internet is nothing private: an endpoint of one's own is named by its addresses.
        except: {{ $.Values.networkPolicy.internet.except | toJson }}
        {{- end }}
    {{- end }}
  ports:
    {{- include "pharos.ports" (list 443) | nindent 4 }}
- to:
    {{- include "pharos.peers" (list "169.254.170.23/32" "fd00:ec2::23/128") | nindent 4 }}
  ports:
    {{- include "pharos.ports" (list 80) | nindent 4 }}
{{- end }}
{{- end }}

{{/* Where people sign in. */}}
{{- define "pharos.egressIdentityProvider" -}}
{{- $n := .Values.networkPolicy }}
{{- if or $n.identityProvider.cidrs (.Values.oidc).issuer }}
- to:
    {{- with $n.identityProvider.cidrs }}
    {{- include "pharos.peers" . | nindent 4 }}
    {{- else }}
    {{- include "pharos.internet" $ | nindent 4 }}
    {{- end }}
  ports:
    {{- include "pharos.ports" ($n.identityProvider.ports | default (list 443)) | nindent 4 }}
{{- end }}
{{- end }}

{{/* All that is not private, as peers. */}}
{{- define "pharos.internet" -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except: {{ .Values.networkPolicy.internet.except | toJson }}
- ipBlock:
    # What is public in IPv6 lies in here, and nothing else does.
    cidr: 2000::/3
{{- end }}

{{- define "pharos.egressOtlp" -}}
{{- $n := .Values.networkPolicy }}
{{- if and .Values.tracing.endpoint $n.otlp.to }}
- to:
    {{- toYaml $n.otlp.to | nindent 4 }}
  ports:
    {{- include "pharos.ports" $n.otlp.ports | nindent 4 }}
{{- end }}
{{- end }}

{{/* What sends mail and webhooks. */}}
{{- define "pharos.egressSending" -}}
{{- $n := .Values.networkPolicy }}
{{- if and .Values.smtp.enabled $n.smtp.cidrs }}
- to:
    {{- include "pharos.peers" $n.smtp.cidrs | nindent 4 }}
  ports:
    {{- include "pharos.ports" $n.smtp.ports | nindent 4 }}
{{- end }}
{{- if $n.internet.enabled }}
- to:
    {{- include "pharos.internet" . | nindent 4 }}
  ports:
    {{- include "pharos.ports" $n.internet.ports | nindent 4 }}
{{- end }}
{{- end }}

{{/* Who reads the metrics and asks the probes. */}}
{{- define "pharos.ingressMetrics" -}}
- from:
    {{- include "pharos.pods" (list . "server" "worker" "test") | nindent 4 }}
    {{- with .Values.networkPolicy.monitoring }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- include "pharos.peers" .Values.networkPolicy.kubeletCidrs | nindent 4 }}
  ports:
    {{- include "pharos.ports" (list 9464) | nindent 4 }}
{{- end }}
