# flannel-doctor with what it reads a host with, of the package of Debian:
#   npm run build && npm run deb && docker build -t flannel-doctor .
ARG BASE=debian:bookworm-slim
FROM $BASE
COPY dist/flannel-doctor_*.deb /tmp/
RUN apt-get update \
  && apt-get install -y --no-install-recommends /tmp/flannel-doctor_*.deb \
    iptables iputils-ping nftables openssh-client tcpdump \
  && rm -rf /var/lib/apt/lists/* /tmp/flannel-doctor_*.deb
ENTRYPOINT ["flannel-doctor"]
CMD ["check"]
