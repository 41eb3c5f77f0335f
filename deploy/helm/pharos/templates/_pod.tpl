{{/* What the pods of the server, the worker and the Jobs share. */}}

{{/* The settings of all. They stand in the pod and not in a ConfigMap, so that a change rolls the pods, and a
     pod that starts again in the middle of it is still what it was. */}}
{{- define "pharos.env" -}}
{{- include "pharos.secretEnv" (list . "PHAROS_KEYS" .Values.keys.reference "keys") }}
{{ include "pharos.logEnv" . }}
{{- end }}

{{- define "pharos.logEnv" -}}
- name: PHAROS_LOG
  value: {{ .Values.log.filter | quote }}
- name: PHAROS_LOG_FORMAT
  value: {{ .Values.log.format }}
- name: PHAROS_ACCESS_LOG
  value: {{ .Values.log.access | quote }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "pharos.databaseEnv" -}}
{{- include "pharos.secretEnv" (list . "PHAROS_DATABASE_URL" .Values.database.url "database-url") }}
{{- end }}

{{/* The settings of what runs all the time. */}}
{{- define "pharos.serverEnv" -}}
{{- $v := .Values -}}
{{ include "pharos.env" . }}
{{ include "pharos.databaseEnv" . }}
{{- if $v.redis.enabled }}
{{ include "pharos.secretEnv" (list . "PHAROS_REDIS_URL" $v.redis.url "redis-url") }}
{{- if $v.redis.ca.existingConfigMap }}
- name: PHAROS_REDIS_CA
  value: /etc/pharos/redis-ca/{{ $v.redis.ca.key }}
{{- end }}
{{- end }}
{{- if $v.smtp.enabled }}
{{ include "pharos.secretEnv" (list . "PHAROS_SMTP_URL" $v.smtp.url "smtp-url") }}
{{- with $v.smtp.from }}
- name: PHAROS_MAIL_FROM
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- /* What is logged here is shipped elsewhere, where others read it. */}}
- name: PHAROS_SETUP_LINK
  value: "false"
- name: PHAROS_LISTEN
  value: {{ printf "%s:8080" $v.listenAddress | quote }}
- name: PHAROS_METRICS_LISTEN
  value: {{ printf "%s:9464" $v.listenAddress | quote }}
- name: PHAROS_BASE_URL
  value: {{ $v.baseUrl | quote }}
{{- with $v.consoleUrl }}
- name: PHAROS_CONSOLE_URL
  value: {{ . | quote }}
{{- end }}
{{- with $v.trustedProxies }}
- name: PHAROS_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
- name: PHAROS_API_CALLS_PER_MINUTE
  value: {{ $v.apiCallsPerMinute | int | quote }}
- name: PHAROS_STALE_AFTER
  value: {{ $v.staleAfterMinutes | int | quote }}
{{- with $v.copyTo }}
- name: PHAROS_COPY_TO
  value: {{ . | quote }}
{{- end }}
- name: PHAROS_EVENT_STREAMS
  value: {{ $v.eventStreams.most | int | quote }}
- name: PHAROS_EVENT_STREAMS_PER_ADDRESS
  value: {{ $v.eventStreams.perAddress | int | quote }}
- name: PHAROS_STATE_DIR
  value: /var/lib/pharos
- name: PHAROS_SIBLINGS
  value: {{ include "pharos.fullname" . }}-siblings.{{ .Release.Namespace }}.svc:9464
- name: PHAROS_DRAIN_SECONDS
  value: {{ $v.drain.unreadySeconds | int | quote }}
- name: PHAROS_GRACE_SECONDS
  value: {{ $v.drain.requestSeconds | int | quote }}
{{- if $v.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $v.tracing.endpoint | quote }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: {{ $v.tracing.protocol }}
- name: OTEL_TRACES_SAMPLER
  value: {{ $v.tracing.sampler }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $v.tracing.samplerArg | quote }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: OTEL_RESOURCE_ATTRIBUTES
  value: service.namespace={{ .Release.Namespace }},service.instance.id=$(POD_NAME)
{{- end }}
{{- end }}

{{/* How people sign in by their provider: of the pods that they sign in at. */}}
{{- define "pharos.oidcEnv" -}}
{{- $o := .Values.oidc | default dict }}
{{- if $o.issuer }}
- name: PHAROS_OIDC_ISSUER
  value: {{ $o.issuer | quote }}
- name: PHAROS_OIDC_CLIENT_ID
  value: {{ required "oidc.clientId: name what the provider calls this console" $o.clientId | quote }}
{{- if $o.clientSecret.reference }}
- name: PHAROS_OIDC_CLIENT_SECRET
  value: {{ $o.clientSecret.reference | quote }}
{{- else if $o.clientSecret.existingSecret }}
- name: PHAROS_OIDC_CLIENT_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ $o.clientSecret.existingSecret }}
      key: {{ $o.clientSecret.key }}
{{- end }}
- name: PHAROS_OIDC_GROUPS_CLAIM
  value: {{ $o.groupsClaim | quote }}
{{- with $o.roles }}
{{- $pairs := list }}
{{- range $group, $role := . }}
{{- $pairs = append $pairs (printf "%s=%s" $group $role) }}
{{- end }}
- name: PHAROS_OIDC_ROLES
  value: {{ join "," $pairs | quote }}
{{- end }}
- name: PHAROS_SSO_ONLY
  value: {{ $o.only | quote }}
{{- else if or $o.clientId $o.roles $o.only }}
{{- fail "oidc.issuer: name the provider that the other values of oidc are for" }}
{{- end }}
{{- end }}

{{- define "pharos.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Of every pod: (list . uid). */}}
{{- define "pharos.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Where a pod runs: (list . "component"). */}}
{{- define "pharos.placement" -}}
{{- $root := index . 0 }}
{{- $v := $root.Values }}
{{- with $v.priorityClass.name }}
priorityClassName: {{ . }}
{{- end }}
{{- with $v.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or $v.spread.byHost $v.spread.byZone }}
topologySpreadConstraints:
  {{- if $v.spread.byHost }}
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: DoNotSchedule
    # A node that no pod may go to, such as one that is drained, keeps none away from the others.
    nodeTaintsPolicy: Honor
    {{- include "pharos.spreadSelector" . | nindent 4 }}
  {{- end }}
  {{- if $v.spread.byZone }}
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    nodeTaintsPolicy: Honor
    {{- include "pharos.spreadSelector" . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Pods of one release of the image only, so that those that are about to end do not count. */}}
{{- define "pharos.spreadSelector" -}}
labelSelector:
  matchLabels:
    {{- include "pharos.podSelector" . | nindent 4 }}
matchLabelKeys: [pod-template-hash]
{{- end }}

{{- define "pharos.caMounts" -}}
{{- if .Values.database.ca.existingConfigMap }}
- name: database-ca
  mountPath: /etc/pharos/database-ca
  readOnly: true
{{- end }}
{{- if and .Values.redis.enabled .Values.redis.ca.existingConfigMap }}
- name: redis-ca
  mountPath: /etc/pharos/redis-ca
  readOnly: true
{{- end }}
{{- end }}

{{- define "pharos.caVolumes" -}}
{{- if .Values.database.ca.existingConfigMap }}
- name: database-ca
  configMap:
    name: {{ .Values.database.ca.existingConfigMap }}
{{- end }}
{{- if and .Values.redis.enabled .Values.redis.ca.existingConfigMap }}
- name: redis-ca
  configMap:
    name: {{ .Values.redis.ca.existingConfigMap }}
{{- end }}
{{- end }}

{{/* How long a pod has from the first word to the last. */}}
{{- define "pharos.graceSeconds" -}}
{{- $d := .Values.drain }}
{{- $sum := add (int $d.preStopSeconds) (int $d.unreadySeconds) (int $d.requestSeconds) 10 }}
{{- if gt (int $sum) 110 }}
{{- fail (printf "drain: preStopSeconds, unreadySeconds and requestSeconds with 10 to spare are %d seconds; at most 110 fit into the two minutes that a SPOT node has" $sum) }}
{{- end }}
{{- $sum }}
{{- end }}

{{/* The pod of the server or the worker: (dict "root" . "component" … "args" … "resources" … "jobs" …). */}}
{{- define "pharos.pod" -}}
{{- $root := .root }}
{{- $v := $root.Values -}}
metadata:
  labels:
    {{- include "pharos.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with $v.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: state,tmp
    kubectl.kubernetes.io/default-container: pharos
    {{- with $v.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "pharos.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "pharos.graceSeconds" $root }}
  securityContext:
    {{- include "pharos.podSecurity" 65532 | nindent 4 }}
  {{- with $v.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- include "pharos.placement" (list $root .component) | nindent 2 }}
  containers:
    - name: pharos
      image: {{ include "pharos.image" $root | quote }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args: [{{ .args }}]
      securityContext:
        {{- include "pharos.containerSecurity" $root | nindent 8 }}
      env:
        {{- include "pharos.serverEnv" $root | nindent 8 }}
        {{- if eq .component "server" }}
        {{- with include "pharos.oidcEnv" $root | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- end }}
        {{- with .env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        {{- if eq .component "server" }}
        - name: http
          containerPort: 8080
        {{- end }}
        - name: metrics
          containerPort: 9464
      # Neither of these two asks for the database or the cache: a pod that waits for them must not be started
      # again, and all of them at once even less.
      startupProbe:
        httpGet:
          path: /livez
          port: metrics
        periodSeconds: 1
        failureThreshold: 60
        timeoutSeconds: 2
      livenessProbe:
        httpGet:
          path: /livez
          port: metrics
        periodSeconds: 10
        failureThreshold: 6
        timeoutSeconds: 5
      readinessProbe:
        httpGet:
          path: /readyz
          port: metrics
        periodSeconds: 2
        failureThreshold: 2
        timeoutSeconds: 2
      {{- if gt (int $v.drain.preStopSeconds) 0 }}
      lifecycle:
        preStop:
          # The page is still served while the word goes round that this pod leaves.
          sleep:
            seconds: {{ $v.drain.preStopSeconds | int }}
      {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      volumeMounts:
        - name: state
          mountPath: /var/lib/pharos
        - name: tmp
          mountPath: /tmp
        {{- include "pharos.caMounts" $root | nindent 8 }}
  volumes:
    # The last good state, for a container that starts again in the same pod.
    - name: state
      emptyDir:
        sizeLimit: 256Mi
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- include "pharos.caVolumes" $root | nindent 4 }}
{{- end }}
