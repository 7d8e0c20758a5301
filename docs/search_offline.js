// A page that is opened from disk may start no worker: the search runs in a hidden frame instead.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const script = new URL(url, location);
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc = `<script src="${script}"></script>`;
      this.ready = new Promise((resolve) => this.frame.addEventListener("load", resolve));
      document.body.append(this.frame);
      this.frame.contentWindow.postMessage = (data) => this.hear(data);
      this.ready.then(() => (this.frame.contentWindow.postMessage = (data) => this.hear(data)));
    }
    hear(data) {
      const event = new MessageEvent("message", { data });
      this.onmessage?.(event);
      this.dispatchEvent(event);
    }
    postMessage(data) {
      const inner = () => this.frame.contentWindow;
      this.ready.then(() => inner().dispatchEvent(new (inner().MessageEvent)("message", { data })));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
