{{/* A pod that `helm test` runs a script in: (list . "suffix" "script" env). */}}
{{- define "pharos.testPod" -}}
{{- $root := index . 0 -}}
apiVersion: v1
kind: Pod
metadata:
  {{- include "pharos.metadata" (list $root (printf "-test-%s" (index . 1)) "test") | nindent 2 }}
  annotations:
    helm.sh/hook: test
    # A pod that is gone has no log for `helm test --logs`.
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  restartPolicy: Never
  activeDeadlineSeconds: 300
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    {{- include "pharos.podSecurity" 65532 | nindent 4 }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: test
      image: {{ $root.Values.tests.image | quote }}
      command: [sh, -euc]
      args:
        - |
          {{- $root.Files.Get (printf "files/%s" (index . 2)) | nindent 10 }}
      securityContext:
        {{- include "pharos.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
      env:
        # With several pages, each answers under its own host.
        - name: PAGE_HOST
          value: {{ (urlParse $root.Values.baseUrl).host | quote }}
        - name: PAGE_URL
          value: http://{{ include "pharos.fullname" $root }}.{{ $root.Release.Namespace }}.svc:{{ $root.Values.service.port }}
        - name: METRICS_URL
          value: http://{{ include "pharos.fullname" $root }}-siblings.{{ $root.Release.Namespace }}.svc:9464
        {{- with index . 3 }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      resources:
        requests:
          cpu: 10m
          memory: 16Mi
        limits:
          memory: 64Mi
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 16Mi
{{- end }}
