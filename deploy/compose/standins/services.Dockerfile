# Stand-ins for the images that docker-compose.yml names, from Debian's packages, for tests where no registry of images
# can be reached. Each runs what the real one runs, as the user that the real one has.
FROM pharos-standin:services AS postgres
RUN usermod --uid 999 postgres && groupmod --gid 999 postgres \
  && install --directory --owner=postgres --group=postgres /var/run/postgresql
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
COPY postgres.sh /usr/local/bin/docker-entrypoint.sh
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]

FROM pharos-standin:services AS redis
RUN usermod --uid 999 redis && groupmod --gid 999 redis
ENTRYPOINT ["setpriv", "--reuid=999", "--regid=999", "--clear-groups", "--"]
CMD ["redis-server"]

FROM pharos-standin:services AS haproxy
USER haproxy
STOPSIGNAL SIGUSR1
ENTRYPOINT ["haproxy"]
CMD ["-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]

FROM pharos-standin:services AS mailpit
USER nobody
# The first process of a container hears no other unless it listens for it.
STOPSIGNAL SIGINT
ENTRYPOINT ["aiosmtpd", "--nosetuid", "--listen", "0.0.0.0:1025", "--class", "aiosmtpd.handlers.Debugging", "stdout"]

FROM pharos-standin:services AS prometheus
RUN install --directory --owner=nobody --group=nogroup /prometheus
USER nobody
ENTRYPOINT ["prometheus"]
