{{/* The Jobs that work on the database itself: its roles, its schema. */}}

{{/* The account of whoever owns the schema. */}}
{{- define "pharos.ownerAccount" -}}
{{- $a := .Values.database.migrations.serviceAccount }}
{{- if or $a.create $a.name }}
{{- default (printf "%s-owner" (include "pharos.fullname" .)) $a.name }}
{{- else }}
{{- include "pharos.serviceAccount" . }}
{{- end }}
{{- end }}

{{/* The account of whoever makes the roles. */}}
{{- define "pharos.bootstrapAccount" -}}
{{- $a := .Values.database.bootstrap.serviceAccount }}
{{- if $a.create }}
{{- default (printf "%s-bootstrap" (include "pharos.fullname" .)) $a.name }}
{{- else }}
{{- default "default" $a.name }}
{{- end }}
{{- end }}

{{- define "pharos.ownerUrl" -}}
{{- default .Values.database.url .Values.database.migrations.url }}
{{- end }}

{{- define "pharos.applicationSecret" -}}
{{- default .Values.database.bootstrap.applicationSecret .Values.database.rotation.applicationSecret }}
{{- end }}

{{/* An account that a hook runs under has to be there before anything else is: (list . name annotations). */}}
{{- define "pharos.hookAccount" -}}
{{- $root := index . 0 -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ index . 1 }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "pharos.labels" $root | nindent 4 }}
    app.kubernetes.io/component: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-10"
    helm.sh/hook-delete-policy: before-hook-creation
    {{- with index . 2 }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
automountServiceAccountToken: false
{{- end }}

{{/* The pod: (dict "root" . "args" list "account" name "env" text). */}}
{{- define "pharos.databasePod" -}}
{{- $root := .root -}}
metadata:
  labels:
    {{- include "pharos.labels" $root | nindent 4 }}
    app.kubernetes.io/component: migrate
    {{- with $root.Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  restartPolicy: OnFailure
  serviceAccountName: {{ .account }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    {{- include "pharos.podSecurity" 65532 | nindent 4 }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: pharos
      image: {{ include "pharos.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ .args | toJson }}
      securityContext:
        {{- include "pharos.containerSecurity" $root | nindent 8 }}
      env:
        {{- include "pharos.logEnv" $root | nindent 8 }}
        {{- .env | nindent 8 }}
      resources:
        {{- toYaml $root.Values.database.migrations.resources | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- include "pharos.caMounts" $root | nindent 8 }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- include "pharos.caVolumes" $root | nindent 4 }}
{{- end }}
