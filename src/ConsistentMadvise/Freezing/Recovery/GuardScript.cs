namespace ConsistentMadvise;

/// <summary>The guard as a POSIX shell script, tested with dash and bash.</summary>
/// <remarks>
/// It waits for the end of its input, whose other end the owner of the journal holds, and then thaws what the journal records as held. It thaws
/// with shell built-ins only: starting a program takes longer than everything else.
/// </remarks>
internal static class GuardScript
{
    public const string Text = """
        exec 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2 TSTP TTIN TTOU
        set -f
        journal=$1 shift=$2

        # Sets $is: same if $pid is still the process that started at $start, other if not, unknown if that cannot be determined. Field 22 of stat is, in this
        # time namespace, $shift ticks later than recorded. The name before it may contain anything, including newlines.
        look() {
          is=unknown text=
          while IFS= read -r line; do text="$text$line "; done < "/proc/$pid/stat"
          set -- ${text##*) }
          if [ $# -ge 20 ]; then
            shift 19
            if [ "$1" = $((start + shift)) ]; then is=same; else is=other; fi
          elif IFS= read -r line < "/proc/$$/stat" && ! kill -0 "$pid"; then
            is=other
          fi
        }

        # Sets $is for the group at $path. A group cannot be removed while its frozen member is in it; if the member is gone, the inode decides. If the
        # path does not exist, the group or its mount may have been removed: a recovery can determine which.
        look_at_group() {
          look
          if [ $is = same ]; then
            while IFS= read -r line; do
              case $line in
                0::*) case $path in *"${line#0::}/") return ;; esac ;;
              esac
            done < "/proc/$pid/cgroup"
          fi
          set -- $(ls -di -- "$path")
          if [ $# = 0 ]; then is=unknown; elif [ "$1" = "$inode" ]; then is=same; else is=other; fi
        }

        thaw() {
          case $kind in
            signal)
              look
              if [ $is = same ]; then kill -CONT "$pid" && return; look; fi ;;
            cgroup)
              look_at_group
              if [ $is = same ]; then echo 0 > "${path}cgroup.freeze" && return; look_at_group; fi ;;
            *) return 1 ;;
          esac
          [ $is = other ]
        }

        # Keeps the guard from being killed for lack of memory, if it has the right to.
        echo -1000 > "/proc/$$/oom_score_adj"
        echo "ready $$"
        exec >/dev/null
        while read -r line; do :; done

        left=0
        set +f
        for entry in "$journal"/freeze-*; do
          set -f
          IFS=' ' read -r held kind pid start inode pidfd path < "$entry" || { [ -s "$entry" ] && left=1; continue; }
          [ "$held" = 1 ] || continue
          if thaw; then printf 0 1<> "$entry"; else left=1; fi
        done
        [ $left = 1 ] || exec rm -rf -- "$journal"
        """;
}
