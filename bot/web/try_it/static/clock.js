// A page that tells nothing but the time: where the quick exit leads.
const show = () => {
  const now = new Date();
  document.getElementById("time").textContent = now.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  document.getElementById("day").textContent = now.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
};
show();
setInterval(show, 1000);
